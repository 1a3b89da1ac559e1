import type { Received } from '../../../../test/support/receiver.ts';
import type { TestBundle } from './run-app.ts';

/** A request that reached a hook's URL, in the form in which Zapier hands it to `perform`. */
export function asZapierHandsOn(received: Pick<Received, 'headers' | 'body'>): TestBundle {
  const headers = Object.entries(received.headers).map(([name, value]) => [`Http-${capitalised(name)}`, value]);
  return {
    rawRequest: { method: 'POST', querystring: '', headers: Object.fromEntries(headers), content: received.body },
    cleanedRequest: { ...JSON.parse(received.body), querystring: {} },
  };
}

/** "webhook-id" -> "Webhook-Id". */
function capitalised(name: string): string {
  return name.replaceAll(/(^|-)([a-z])/g, (_, before: string, letter: string) => `${before}${letter.toUpperCase()}`);
}
