import type { Envelope, EventType } from '../../catalog/types.ts';
import type { Signature } from '../../model.ts';

/** One attempt's message, as a dialect needs it to make headers. */
export interface Message {
  eventId: string;
  /** What the dialect calls the event type. */
  eventName: string;
  /** Seconds since the epoch, at the time of the attempt. */
  timestamp: number;
  body: string | Buffer;
  /** The signing secret, then the previous one while it still co-signs. Each is `whsec_` + base64. */
  secrets: readonly string[];
  /** How the endpoint wants it signed, where the dialect leaves a choice. */
  signature: Signature | null;
}

/** How a delivery looks on the wire. A new dialect is a file beside this one and a line in dialects.ts. */
export interface Dialect {
  readonly name: string;
  /** The retry policy that endpoints of this dialect get when they name none. */
  readonly defaultRetryPolicy: string;
  /** The body of an event that the dialect calls `name`, made once, at fan-out. Left out where the body is the canonical envelope itself. */
  body?(envelope: Envelope, type: EventType, name: string): string;
  /** Headers of one attempt: identity and signature. */
  headers(message: Message): Record<string, string>;
}
