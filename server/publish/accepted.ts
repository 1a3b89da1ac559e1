import type { Envelope, EventType } from '../catalog/types.ts';
import type { OnceScope } from '../model.ts';
import type { Target } from './fan-out.ts';

/** An event that passed validation and waits to be committed. */
export interface AcceptedEvent {
  teamId: string;
  type: EventType;
  envelope: Envelope;
  /** The envelope as JSON text: what is stored and what the standard dialect sends. */
  text: string;
  /** Hash of the content, when the publisher chose the id. */
  keyHash: string | undefined;
  once: OnceScope | undefined;
  /** Set for a test: the one endpoint that gets it. */
  only: Target | undefined;
  acceptedAt: number;
}

/** What committing an event came to. */
export interface Committed {
  eventId: string;
  envelope: string;
  deliveries: number;
  /** Ids of the new deliveries; empty when the answer repeats an earlier one. */
  deliveryIds: string[];
  /** Lanes that have new work. */
  wake: string[];
  repeated: boolean;
}
