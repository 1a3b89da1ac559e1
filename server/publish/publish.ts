import type { Catalog, Envelope, EventType } from '../catalog/types.ts';
import type { Clock } from '../clock.ts';
import { newId } from '../id.ts';
import type { Metrics } from '../observe/metrics.ts';
import { Problem } from '../problem.ts';
import type { Database } from '../storage/database.ts';
import type { DueDelivery } from '../storage/due.ts';
import type { AcceptedEvent, Committed, NewDelivery, Refused, Target } from './accepted.ts';
import type { Submit } from './group-commit.ts';
import type { PendingQuota } from './pending-quota.ts';
import type { LaneSignals, Published, Publisher, PublishRequest, TestRequest } from './publisher.ts';
import { contentHash } from './repeat.ts';

export interface PublishParts {
  catalog: Catalog;
  db: Database;
  clock: Clock;
  signals: LaneSignals;
  submit: Submit<AcceptedEvent, Committed | Refused>;
  /** Called after each commit of a new event of a team. */
  onCommit?: (teamId: string) => void;
  metrics: Pick<Metrics, 'published'>;
  quota: PendingQuota;
}

/** The way of an event up to its 202: check the type, fill absent nullable keys, validate, commit, wake the lanes. */
export function createPublisher(parts: PublishParts): Publisher {
  const { catalog, clock } = parts;

  async function commit(event: AcceptedEvent): Promise<Committed> {
    const committed = await parts.submit(event);
    if ('refused' in committed) {
      const { status, code, detail } = committed.refused;
      throw new Problem(status, code, detail);
    }
    if (!committed.repeated) {
      parts.metrics.published(committed.deliveries);
      parts.quota.added(event.teamId, committed.deliveries);
      parts.onCommit?.(event.teamId);
    }
    if (committed.wake.length === 0) return committed;
    // Made into bytes once, for every signature and every request that they go into.
    const bytes = Buffer.from(event.text);
    for (const made of committed.wake)
      parts.signals.wake(event.teamId, made.endpointId, event.acceptedAt, dueOf(event, made, bytes));
    return committed;
  }

  /** The event that a request makes. @throws Problem when the request does not fit its type. */
  function accept(request: PublishRequest): AcceptedEvent {
    const type = publishableType(catalog, request.type);
    checkScope(type, request.projectId);
    const data = type.fill(request.data);
    const faults = type.validate(data);
    if (faults.length > 0)
      throw new Problem(
        422,
        'event_data_invalid',
        `The data of this ${type.name} does not match its schema (GET /v1/event-types/${type.name}/schema). Mend the fields below; nullable ones may be left out.`,
        { errors: faults.map(({ pointer, message }) => ({ pointer: `/data${pointer}`, message })) },
      );
    const acceptedAt = clock.now();
    const createdAt = request.createdAt === undefined ? undefined : new Date(request.createdAt).toISOString();
    const envelope: Envelope = {
      id: request.id ?? newId('evt'),
      type: type.name,
      created_at: createdAt ?? new Date(acceptedAt).toISOString(),
      api_version: catalog.apiVersion,
      project_id: request.projectId,
      data,
    };
    return {
      teamId: request.teamId,
      id: envelope.id,
      type: type.name,
      projectId: request.projectId,
      text: JSON.stringify(envelope),
      keyHash:
        request.id === undefined ? undefined : contentHash([type.name, request.projectId, createdAt ?? null, data]),
      once: request.once,
      only: undefined,
      isTest: request.isTest ?? false,
      acceptedAt,
      traceparent: request.traceparent ?? null,
    };
  }

  async function finish(event: AcceptedEvent): Promise<Published> {
    const committed = await commit(event);
    return { ...committed, envelope: committed.envelope ?? event.text };
  }

  return {
    async publish(request) {
      await parts.quota.check(request.teamId);
      // Not awaited here: what waits for the disk keeps the event's text alone, not the data that it was parsed into.
      return finish(accept(request));
    },

    async publishTest(request) {
      const type = testType(catalog, request);
      const only = await findTarget(parts.db, request);
      const acceptedAt = clock.now();
      const sample = type.samples[0];
      if (sample === undefined) throw new Error(`${type.name} has no sample`);
      const envelope: Envelope = { ...sample, id: newId('evt'), created_at: new Date(acceptedAt).toISOString() };
      const committed = await commit({
        teamId: request.teamId,
        id: envelope.id,
        type: type.name,
        projectId: envelope.project_id,
        text: JSON.stringify(envelope),
        keyHash: undefined,
        once: request.once,
        only,
        isTest: true,
        acceptedAt,
        traceparent: null,
      });
      return { eventId: committed.eventId, deliveryId: committed.firstDelivery ?? '' };
    },
  };
}

/** A new delivery as its lane takes it; `text` are the bytes of the event's own. */
function dueOf(event: AcceptedEvent, { id, dialect, orderingKey, body }: NewDelivery, text: Buffer): DueDelivery {
  return {
    id,
    event_id: event.id,
    type: event.type,
    dialect,
    due_at: event.acceptedAt,
    retry_at: null,
    ordering_key: orderingKey,
    attempt_count: 0,
    is_test: event.isTest ? 1 : 0,
    accepted_at: event.acceptedAt,
    traceparent: event.traceparent,
    body: body ?? text,
  };
}

/** The event type, if events of it may be published. */
function publishableType(catalog: Catalog, name: string): EventType {
  const type = catalog.types.get(name);
  if (type === undefined) throw unknownType(catalog, name);
  if (type.set === 'system')
    throw new Problem(
      422,
      'event_type_system',
      `"${name}" is a built-in type: the server itself sends it. To try an endpoint, POST /v1/webhook-endpoints/{id}/test.`,
    );
  if (!type.publishable)
    throw new Problem(
      422,
      'event_type_reserved',
      `"${name}" is reserved: it is listed in the catalog but cannot be published yet.`,
    );
  return type;
}

function unknownType(catalog: Catalog, name: string): Problem {
  const nearest = catalog.nearest(name).map((near) => `"${near}"`);
  const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : '';
  return new Problem(
    422,
    'event_type_unknown',
    `There is no event type "${name}".${hint} GET /v1/event-types lists them all.`,
  );
}

function checkScope(type: EventType, projectId: string | null): void {
  if (type.scope === 'project' && projectId === null)
    throw new Problem(
      422,
      'project_id_required',
      `"${type.name}" happens in a project: send the project's id as project_id.`,
      { errors: [{ pointer: '/project_id', message: 'is required for this event type' }] },
    );
  if (type.scope === 'team' && projectId !== null)
    throw new Problem(
      422,
      'project_id_forbidden',
      `"${type.name}" belongs to the team, not to a project: leave project_id out.`,
      { errors: [{ pointer: '/project_id', message: 'must be left out for this event type' }] },
    );
}

/** What a test sends: the type asked for, or the catalog's built-in test event. */
function testType(catalog: Catalog, request: TestRequest): EventType {
  if (request.type === undefined) return catalog.testType;
  const type = catalog.types.get(request.type);
  if (type === undefined) throw unknownType(catalog, request.type);
  return type;
}

async function findTarget(db: Database, { teamId, endpointId }: TestRequest): Promise<Target> {
  // By primary key; the commit checks again that the endpoint still has its lane.
  const row = await db.get<{ dialect: string }>('select dialect from endpoint where team_id = ?1 and id = ?2', [
    teamId,
    endpointId,
  ]);
  if (row === undefined) throw new Problem(404, 'endpoint_not_found', `There is no endpoint ${endpointId}.`);
  return { endpointId, dialect: row.dialect, orderingKey: null };
}
