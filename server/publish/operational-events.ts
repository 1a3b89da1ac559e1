import type { Catalog, Envelope } from '../catalog/types.ts';
import { newId } from '../id.ts';
import type { EndpointRow } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import type { AcceptedEvent, Committed, Refused } from './accepted.ts';
import type { CommitKind } from './group-commit.ts';

/** What the server itself has to tell a team, as an event of a built-in type. */
export interface OperationalEvent {
  teamId: string;
  type: 'webhook.endpoint_disabled' | 'webhook.delivery_dead';
  data: unknown;
  at: number;
}

/** An operational event that was committed: the endpoints that it goes to, whose lanes may be woken. */
export interface Told {
  teamId: string;
  endpointIds: string[];
  at: number;
}

/** Commits operational events in the transaction of what they tell of, as any other event: fan-out, deliveries, lanes. */
export type Tell = (tx: Statements, events: readonly OperationalEvent[]) => Promise<Told[]>;

/** How an attempt ended. */
export interface AttemptEnd {
  status: number | null;
  error: string | null;
}

/** A `Tell` over the commit of published events. Events of built-in types go to who subscribes their exact name. */
export function tellBy(
  catalog: Pick<Catalog, 'apiVersion'>,
  commit: CommitKind<AcceptedEvent, Committed | Refused>,
): Tell {
  return async (tx, events) => {
    const accepted = events.map((event) => accept(catalog.apiVersion, event));
    const committed = await commit(tx, accepted);
    return committed.map((one, index) => ({
      teamId: events[index]?.teamId ?? '',
      at: events[index]?.at ?? 0,
      endpointIds: 'wake' in one ? one.wake.map((delivery) => delivery.endpointId) : [],
    }));
  };
}

function accept(apiVersion: string, { teamId, type, data, at }: OperationalEvent): AcceptedEvent {
  const id = newId('evt');
  const envelope: Envelope = {
    id,
    type,
    created_at: new Date(at).toISOString(),
    api_version: apiVersion,
    project_id: null,
    data,
  };
  return {
    teamId,
    id,
    type,
    projectId: null,
    text: JSON.stringify(envelope),
    keyHash: undefined,
    once: undefined,
    only: undefined,
    isTest: false,
    acceptedAt: at,
    traceparent: null,
  };
}

type EndpointNames = Pick<EndpointRow, 'id' | 'name' | 'url'>;

/** Tells that an endpoint was disabled. */
export function endpointDisabled(disabled: {
  endpoint: EndpointNames & { team_id: string };
  reason: string;
  failingSince: number | null;
  last: AttemptEnd;
  at: number;
}): OperationalEvent {
  const { endpoint, reason, failingSince, last, at } = disabled;
  const data = {
    endpoint: namesOf(endpoint),
    reason,
    failing_since: failingSince === null ? null : new Date(failingSince).toISOString(),
    last_attempt: { status: last.status, error: last.error },
    links: {
      endpoint: `/v1/webhook-endpoints/${endpoint.id}`,
      deliveries: `/v1/webhook-deliveries?endpoint_id=${endpoint.id}`,
    },
  };
  return { teamId: endpoint.team_id, type: 'webhook.endpoint_disabled', data, at };
}

/** Tells that a delivery is dead: it was not delivered, and is not tried again. */
export function deliveryDead(death: {
  teamId: string;
  endpoint: EndpointNames;
  delivery: { id: string; eventId: string; eventType: string };
  reason: string;
  last: AttemptEnd & { number: number };
  at: number;
}): OperationalEvent {
  const { teamId, endpoint, delivery, reason, last, at } = death;
  const data = {
    endpoint: namesOf(endpoint),
    delivery: { id: delivery.id },
    event: { id: delivery.eventId, type: delivery.eventType },
    reason,
    last_attempt: { number: last.number, status: last.status, error: last.error },
    links: {
      delivery: `/v1/webhook-deliveries/${delivery.id}`,
      event: `/v1/webhook-events/${delivery.eventId}`,
      endpoint: `/v1/webhook-endpoints/${endpoint.id}`,
    },
  };
  return { teamId, type: 'webhook.delivery_dead', data, at };
}

/** Of the target only its origin: what follows may be a secret, and this goes to another receiver. */
function namesOf({ id, name, url }: EndpointNames): { id: string; name: string | null; origin: string } {
  return { id, name, origin: new URL(url).origin };
}
