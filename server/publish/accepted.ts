import type { OnceScope } from '../model.ts';
import type { ProblemCode } from '../problem.ts';

/** One endpoint that gets an event. */
export interface Target {
  endpointId: string;
  dialect: string;
  /** What orders the event there; null where the endpoint is not ordered. */
  orderingKey: string | null;
}

/** An event that passed validation and waits to be committed. Plain data: on SQLite it travels to the writing thread. */
export interface AcceptedEvent {
  teamId: string;
  id: string;
  type: string;
  projectId: string | null;
  /** The envelope as JSON text: what is stored and what the standard dialect sends. */
  text: string;
  /** Hash of the content, when the publisher chose the id. */
  keyHash: string | undefined;
  once: OnceScope | undefined;
  /** Set for a test: the one endpoint that gets it. */
  only: Target | undefined;
  /** Marked as a test. */
  isTest: boolean;
  acceptedAt: number;
  /** W3C trace context of the publish, handed on to receivers. */
  traceparent: string | null;
}

/** A new delivery for its lane's worker: what its event does not say. */
export interface NewDelivery extends Target {
  id: string;
  /** Null when it is the event's own text. */
  body: string | null;
}

/** What committing an event came to. */
export interface Committed {
  eventId: string;
  /** The envelope of the earlier event when this answer repeats one; null when it is the event's own text. */
  envelope: string | null;
  deliveries: number;
  /** The first delivery's id; null when there is none, or when the answer repeats that to a publisher's own id. */
  firstDelivery: string | null;
  /** New deliveries of open lanes. */
  wake: NewDelivery[];
  repeated: boolean;
}

/** Why an event was not committed: what a Problem is made of. */
export interface Refused {
  refused: { status: number; code: ProblemCode; detail: string };
}
