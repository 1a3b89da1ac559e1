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
 * There is no Idempotency-Key, on purpose. The same request may well mean another hook: when a Zap is published anew,
 * the new version may subscribe before the old one unsubscribes, and a replayed reply would hand it the hook that is
 * about to be deleted; the Zap would stop without a word. A hook whose reply was lost does no harm: the Zap does not
 * hold its secret, so `perform` refuses what it sends, and the server removes it once its URL answers 410.
 */
export async function subscribe(eventType: PublishedEventType, z: ZObject, bundle: Bundle): Promise<Hook> {
  const response = await z.request<{ data: { id: string }; secret: string }>({
    method: 'POST',
    url: `${baseUrl(z, bundle)}/v1/webhook-subscriptions`,
    body: {
      name: `Zapier: ${eventType.label}`,
      url: bundle.targetUrl,
      events: [eventType.name],
      dialect: 'standard',
      ...narrowing(eventType, bundle),
    },
  });
  return { id: response.data.data.id, secret: response.data.secret };
}
