import type { AttemptRow, DeliveryRow, DeliveryStatus, EventScope } from '../model.ts';
import type { Statements, Value } from './database.ts';
import { inScope } from './scope.ts';

/** A delivery as it is read: with its event's mark of a test, and how its last attempt ended. */
export interface DeliveryView extends DeliveryRow {
  is_test: number | null;
  last_number: number | null;
  last_started_at: number | null;
  last_duration_ms: number | null;
  last_status: number | null;
  last_error: string | null;
}

/** Which deliveries of a team to list, newest first. */
export interface DeliveryQuery {
  endpointId?: string | undefined;
  eventId?: string | undefined;
  replayId?: string | undefined;
  type?: string | undefined;
  status?: DeliveryStatus | undefined;
  scope: EventScope;
  /** Only deliveries whose id sorts below this one. */
  beforeId?: string | undefined;
  limit: number;
}

const COLUMNS = `
    d.team_id as team_id, d.id as id, d.endpoint_id as endpoint_id, d.event_id as event_id,
    d.event_at as event_at, d.type as type, d.ordering_key as ordering_key, d.replay_id as replay_id,
    d.dialect as dialect, d.status as status, d.due_at as due_at, d.retry_at as retry_at, d.attempt_count as attempt_count,
    d.replay_of as replay_of, d.created_at as created_at, d.settled_at as settled_at, e.is_test as is_test,
    a.number as last_number, a.started_at as last_started_at, a.duration_ms as last_duration_ms,
    a.status as last_status, a.error as last_error`;
const WITH_EVENT_AND_ATTEMPT = `
  left join event e on e.team_id = d.team_id and e.id = d.event_id and e.accepted_at = d.event_at
  left join attempt a on a.team_id = d.team_id and a.delivery_id = d.id and a.number = d.attempt_count`;

/** Where a delivery belongs is where its endpoint does: by primary key. */
const OF_ENDPOINT = '(select x.project_id from endpoint x where x.team_id = d.team_id and x.id = d.endpoint_id)';

/** One delivery of a team. */
export function readDelivery(db: Statements, teamId: string, id: string): Promise<DeliveryView | undefined> {
  // Three look-ups by primary key.
  return db.get<DeliveryView>(
    `select ${COLUMNS} from delivery d ${WITH_EVENT_AND_ATTEMPT} where d.team_id = ?1 and d.id = ?2`,
    [teamId, id],
  );
}

/** A team's deliveries, newest first. Ids sort by the time they were made, so rows added meanwhile come above. */
export function listDeliveryRows(db: Statements, teamId: string, query: DeliveryQuery): Promise<DeliveryView[]> {
  const params: Value[] = [teamId, query.limit];
  const conditions = ['d.team_id = ?1'];
  const where = (column: string, value: Value | undefined) => {
    if (value !== undefined) conditions.push(`${column} ?${params.push(value)}`);
  };
  where('d.endpoint_id =', query.endpointId);
  where('d.event_id =', query.eventId);
  where('d.replay_id =', query.replayId);
  where('d.type =', query.type);
  where('d.status =', query.status);
  where('d.id <', query.beforeId);
  conditions.push(...inScope({ project: OF_ENDPOINT, type: 'd.type' }, query.scope, params));
  // Backwards over delivery_by_event, delivery_of_replay, delivery_by_endpoint or the primary key; the joins are key look-ups per row.
  // The limit stands within: PostgreSQL, which does not know it, would prepare for joining a tenth of all.
  return db.all(
    `select ${COLUMNS} from (
       select * from delivery d where ${conditions.join(' and ')} order by d.id desc limit ?2) d ${WITH_EVENT_AND_ATTEMPT}
     order by d.id desc`,
    params,
  );
}

/** Every attempt of a delivery, the first one first. */
export function listAttempts(db: Statements, teamId: string, deliveryId: string): Promise<AttemptRow[]> {
  // By primary key.
  return db.all(
    `select team_id, delivery_id, number, started_at, duration_ms, status, error, reply_headers, reply_body
     from attempt where team_id = ?1 and delivery_id = ?2 order by number`,
    [teamId, deliveryId],
  );
}
