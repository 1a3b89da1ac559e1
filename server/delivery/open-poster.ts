import type { Clock } from '../clock.ts';
import type { EgressSettings } from '../egress/egress-settings.ts';
import { dialects } from './dialect/dialects.ts';
import { createPoster, type Poster } from './poster.ts';
import { createThreadedPoster } from './threaded-poster.ts';

/** A poster on a thread of its own, or on this one; what sends is loaded (10 MB) on that one alone. */
export async function openPoster(
  hasThread: boolean,
  clock: Clock,
  settings: EgressSettings,
  userAgent: string,
): Promise<Poster> {
  if (hasThread) return createThreadedPoster({ egress: settings.source, userAgent });
  const { createSender } = await import('../egress/send.ts');
  return createPoster({ sender: createSender(clock, settings), dialects, userAgent });
}
