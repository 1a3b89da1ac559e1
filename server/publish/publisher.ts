import type { OnceScope } from '../model.ts';
import type { DueDelivery } from '../storage/due.ts';

/** A request to publish one event, as it arrived; nothing is validated yet. */
export interface PublishRequest {
  teamId: string;
  type: string;
  data: unknown;
  projectId: string | null;
  /** The publisher's own id for the event, unique per team. */
  id?: string;
  /** ISO 8601; the time of acceptance when absent. */
  createdAt?: string;
  /** Set when the caller sent an Idempotency-Key; its record commits with the event. */
  once?: OnceScope;
  /** Marks the event as a test. */
  isTest?: boolean;
  /** The caller's trace context, checked (`parseTraceparent`), to be handed on to receivers. */
  traceparent?: string | null;
}

/** An event that is on disk. */
export interface Published {
  eventId: string;
  /** The canonical envelope as JSON text: byte for byte what the standard dialect sends. */
  envelope: string;
  /** How many deliveries the event fanned out to. */
  deliveries: number;
  /** True when this answer repeats an earlier one and nothing was delivered again. */
  repeated: boolean;
}

/** A test: a built-in test event, or a chosen type's sample, to one endpoint alone, through the same lanes. */
export interface TestRequest {
  teamId: string;
  endpointId: string;
  /** Defaults to the catalog's built-in test event. */
  type?: string;
  once?: OnceScope;
}

export interface Publisher {
  /**
   * Validates the event against the catalog and commits it with one delivery per matching endpoint.
   * @throws Problem when the event cannot be accepted (unknown type, data that fails its schema, …).
   * @throws StorageUnavailable when it could not be committed.
   */
  publish(request: PublishRequest): Promise<Published>;
  /** Commits a test event for one endpoint. @throws Problem 404 when there is no such endpoint. */
  publishTest(request: TestRequest): Promise<{ eventId: string; deliveryId: string }>;
}

/** How those who commit work tell the workers of this process (and, on PostgreSQL, of others) about it. */
export interface LaneSignals {
  /**
   * Work due at `dueAt` was committed for this endpoint. With `delivery`, the work itself: a worker that has nothing else
   * to read in that lane then need not read it back.
   */
  wake(teamId: string, endpointId: string, dueAt: number, delivery?: DueDelivery): void;
  /** The endpoint was changed, paused or deleted; what is known of it must be read again before the next attempt. */
  endpointChanged(teamId: string, endpointId: string): void;
}
