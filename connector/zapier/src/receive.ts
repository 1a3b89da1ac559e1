import type { Bundle, ZObject } from 'zapier-platform-core';
import type { Envelope, PublishedEventType } from './published-catalog.ts';
import type { Hook } from './subscribe.ts';
import { isSignedWith } from './verify-signature.ts';

/**
 * Takes a delivery: verifies its signature over the raw body, then gives the event as it was sent. The event is read
 * from the very bytes that were verified, not from `bundle.cleanedRequest`, to which Zapier adds a `querystring`.
 *
 * A request that was not signed by the hook's server halts the run, which never counts against the Zap: a stranger who
 * knows the URL must not be able to have it turned off. A missing secret is an error, which the user gets to see.
 * An event of another type, such as the server's test event, does not run the Zap.
 */
export function receive(eventType: PublishedEventType, z: ZObject, bundle: Bundle): Envelope[] {
  const secret = (bundle.subscribeData as Partial<Hook> | undefined)?.secret;
  if (typeof secret !== 'string' || secret === '')
    throw new z.errors.Error(
      'This Zap holds no signing secret, so nothing that it receives can be trusted. Turn it off and on again.',
      'MissingSecret',
    );
  const body = bundle.rawRequest?.content;
  const header = headersOf(bundle);
  const id = header.get('webhook-id');
  const timestamp = header.get('webhook-timestamp');
  const signatures = header.get('webhook-signature');
  if (!body || !id || !timestamp || !signatures)
    throw new z.errors.HaltedError('Refused: the request carries no signature, so it was not sent by your server.');
  if (!isSignedWith(secret, { id, timestamp, signatures, body }))
    throw new z.errors.HaltedError(
      'Refused: the signature is wrong, so your server did not send this request as it is.',
    );

  const event = z.JSON.parse(body) as Envelope;
  return event.type === eventType.name ? [event] : [];
}

/** The request's headers by lower-case name. Zapier hands them on as `Http-<Name>`. */
function headersOf(bundle: Bundle): Map<string, string> {
  const headers = Object.entries(bundle.rawRequest?.headers ?? {});
  return new Map(headers.map(([name, value]) => [name.toLowerCase().replace(/^http-/, ''), value]));
}
