import { createHash } from 'node:crypto';
import type { Bundle, ZObject } from 'zapier-platform-core';
import { baseUrl } from './base-url.ts';
import { narrowing } from './narrowing.ts';
import type { PublishedEventType } from './published-catalog.ts';

/** What Zapier keeps of a hook, and hands back as `bundle.subscribeData`: what to delete, and what signs. */
export interface Hook {
  id: string;
  secret: string;
}

/**
 * Makes the hook when a Zap is turned on.
 *
 * The Idempotency-Key stands for everything in the request. A subscribe that Zapier repeats because the reply was lost
 * thus gets the hook that is there already, rather than a second one that would run the Zap twice. Other Zaps have
 * other target URLs, hence other keys; and as the server forgets the reply with the hook, a Zap that is turned off and
 * on again gets a new one.
 */
export async function subscribe(eventType: PublishedEventType, z: ZObject, bundle: Bundle): Promise<Hook> {
  const body = {
    name: `Zapier: ${eventType.label}`,
    url: bundle.targetUrl,
    events: [eventType.name],
    dialect: 'standard',
    ...narrowing(eventType, bundle),
  };
  const response = await z.request<{ data: { id: string }; secret: string }>({
    method: 'POST',
    url: `${baseUrl(z, bundle)}/v1/webhook-subscriptions`,
    headers: { 'Idempotency-Key': createHash('sha256').update(JSON.stringify(body)).digest('hex') },
    body,
  });
  return { id: response.data.data.id, secret: response.data.secret };
}
