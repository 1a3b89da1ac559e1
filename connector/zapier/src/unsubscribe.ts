import type { Bundle, ZObject } from 'zapier-platform-core';
import { baseUrl } from './base-url.ts';
import { problemError } from './problem-error.ts';

const GONE = new Set([404, 410]);

/** Deletes the hook when a Zap is turned off. A hook that is already gone is as good as deleted. */
export async function unsubscribe(z: ZObject, bundle: Bundle): Promise<{ id?: string }> {
  const id = bundle.subscribeData?.id;
  if (id === undefined) return {};
  const response = await z.request({
    method: 'DELETE',
    url: `${baseUrl(z, bundle)}/v1/webhook-subscriptions/${encodeURIComponent(id)}`,
    skipThrowForStatus: true,
  });
  if (response.status >= 400 && !GONE.has(response.status)) throw problemError(response, z);
  return { id };
}
