import type { Clock } from '../clock.ts';
import type { EgressSettings } from './egress-settings.ts';
import type { Sender } from './send.ts';
import { createThreadedSender } from './threaded-sender.ts';

/** A sender on a thread of its own, or on this one; what posts is loaded (10 MB) on that one alone. */
export async function openSender(hasThread: boolean, clock: Clock, settings: EgressSettings): Promise<Sender> {
  if (hasThread) return createThreadedSender(settings.source);
  const { createSender } = await import('./send.ts');
  return createSender(clock, settings);
}
