import type { Sender } from '../egress/send.ts';
import type { SendResult } from '../egress/send-result.ts';
import type { Signature } from '../model.ts';
import { childOf } from '../observe/traceparent.ts';
import type { Dialect, Message } from './dialect/dialect.ts';

/** What an attempt posts, beside its body. Plain data: it travels to the thread that posts. */
export interface Posting extends Omit<Message, 'body' | 'signature'> {
  url: string;
  timeoutMs: number;
  allowedIps: string | null;
  clientCertificate: string | null;
  /** The endpoint's own headers, with its credentials. */
  headers: Record<string, string>;
  dialect: string;
  /** JSON of how the endpoint wants it signed, or null. */
  signature: string | null;
  deliveryId: string;
  attemptNumber: number;
  /** The trace context of the publish. */
  traceparent: string | null;
  isTest: boolean;
}

/** Signs and posts. */
export interface Poster {
  /** Answers with what came back. Never throws: what cannot be sent is a failed attempt with its reason. */
  post(posting: Posting, body: string | Buffer): Promise<SendResult>;
  close(): Promise<void>;
}

interface PosterParts {
  sender: Sender;
  dialects: ReadonlyMap<string, Dialect>;
  userAgent: string;
}

/** Posts from this thread: signs each body in its dialect and hands it to the sender. */
export function createPoster({ sender, dialects, userAgent }: PosterParts): Poster {
  return {
    async post(posting, body) {
      const dialect = dialects.get(posting.dialect);
      if (dialect === undefined) return unsent(`this server does not know the dialect "${posting.dialect}"`);
      try {
        const { url, timeoutMs, allowedIps, clientCertificate } = posting;
        const headers = headersOf(posting, body, dialect, userAgent);
        return await sender.send({ url, timeoutMs, allowedIps, clientCertificate, headers, body });
      } catch (error) {
        return unsent(error instanceof Error ? error.message : String(error));
      }
    },
    close: () => sender.close(),
  };
}

/** What an attempt comes to that was not made. */
export function unsent(error: string): SendResult {
  return { status: null, error, timedOut: false, durationMs: 0, replyHeaders: null, retryAfter: null, replyBody: null };
}

function headersOf(
  posting: Posting,
  body: string | Buffer,
  dialect: Dialect,
  userAgent: string,
): Record<string, string> {
  const { eventId, eventName, timestamp, secrets } = posting;
  const signature = posting.signature === null ? null : (JSON.parse(posting.signature) as Signature);
  const headers: Record<string, string> = {
    ...posting.headers,
    'content-type': 'application/json',
    'user-agent': userAgent,
    'hookloom-attempt': String(posting.attemptNumber),
    'hookloom-delivery': posting.deliveryId,
    ...dialect.headers({ eventId, eventName, timestamp, body, secrets, signature }),
  };
  if (posting.traceparent !== null) headers.traceparent = childOf(posting.traceparent);
  if (posting.isTest) headers['hookloom-test'] = 'true';
  return headers;
}
