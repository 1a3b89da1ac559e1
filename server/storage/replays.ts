/** The statements of replays: their rows, their counts, and how far they are. */
import type { DeliveryStatus, ReplayRow } from '../model.ts';
import type { Statements } from './database.ts';
import { insertOneInto } from './rows.ts';

const COLUMNS = [
  'team_id',
  'id',
  'endpoint_id',
  'since',
  'until',
  'events',
  'statuses',
  'state',
  'first_seq',
  'next_seq',
  'last_seq',
  'matched',
  'created',
  'page',
  'backlog',
  'created_at',
  'updated_at',
  'finished_at',
] as const satisfies readonly (keyof ReplayRow)[];

const SELECT = `select ${COLUMNS.map((column) => `r.${column} as ${column}`).join(', ')}`;

const insertRow = insertOneInto('replay', COLUMNS);

/** Adds a replay. */
export function insertReplayRow(tx: Statements, row: ReplayRow): Promise<void> {
  return insertRow(
    tx,
    COLUMNS.map((column) => row[column]),
  );
}

/** One replay of an endpoint; also after the endpoint was deleted. */
export function readReplay(
  db: Statements,
  teamId: string,
  endpointId: string,
  id: string,
): Promise<ReplayRow | undefined> {
  // By primary key.
  return db.get(`${SELECT} from replay r where r.team_id = ?1 and r.id = ?2 and r.endpoint_id = ?3`, [
    teamId,
    id,
    endpointId,
  ]);
}

/** An endpoint's replays, newest first. */
export function listReplayRows(
  db: Statements,
  teamId: string,
  endpointId: string,
  beforeId: string | undefined,
  limit: number,
): Promise<ReplayRow[]> {
  // Backwards over replay_of_endpoint. Ids begin with a small letter, which sorts before '~'.
  return db.all(
    `${SELECT} from replay r where r.team_id = ?1 and r.endpoint_id = ?2 and r.id < ?3 order by r.id desc limit ?4`,
    [teamId, endpointId, beforeId ?? '~', limit],
  );
}

/** How many deliveries of a replay are in each status. */
export async function countDeliveries(
  db: Statements,
  teamId: string,
  id: string,
): Promise<Map<DeliveryStatus, number>> {
  // By delivery_of_replay_by_status alone.
  const rows = await db.all<{ status: DeliveryStatus; count: number }>(
    'select status, count(*) as count from delivery where team_id = ?1 and replay_id = ?2 group by status',
    [teamId, id],
  );
  return new Map(rows.map(({ status, count }) => [status, count]));
}

/** A replay whose turn it may be, and what its pace depends on. */
export interface RunningReplay extends ReplayRow {
  /** 1 while the endpoint takes deliveries; null when it is gone. */
  is_open: number | null;
  consecutive_failures: number;
  max_in_flight: number;
  rate_limit: number | null;
  /** Deliveries of the lane that are due, those under way included, up to a limit. */
  due: number;
}

/**
 * The oldest running replay of each endpoint, by id, those with ids past `after`; replays of endpoints that are paused or
 * disabled are left out.
 * @param mostDue due deliveries are counted up to this number
 */
export function readRunningReplays(
  db: Statements,
  now: number,
  mostDue: number,
  after: string,
  limit: number,
): Promise<RunningReplay[]> {
  // By replay_running, which holds nothing else; the lane's due deliveries are read from the start of delivery_waiting.
  return db.all(
    `${SELECT}, l.is_open as is_open, coalesce(l.consecutive_failures, 0) as consecutive_failures,
       coalesce(e.max_in_flight, 1) as max_in_flight, e.rate_limit as rate_limit,
       (select count(*) from (select 1 as one from delivery d where d.team_id = r.team_id and d.endpoint_id = r.endpoint_id
          and d.status in ('pending', 'failed') and d.due_at <= ?1 limit ?2) w) as due
     from replay r
     left join lane l on l.team_id = r.team_id and l.endpoint_id = r.endpoint_id
     left join endpoint e on e.team_id = r.team_id and e.id = r.endpoint_id
     where r.state = 'running' and r.id > ?3 and (l.is_open is null or l.is_open = 1) and not exists (
       select 1 from replay o where o.team_id = r.team_id and o.endpoint_id = r.endpoint_id and o.state = 'running'
         and o.id < r.id)
     order by r.id limit ?4`,
    [now, mostDue, after, limit],
  );
}

/** Takes a running replay until the transaction ends, if it still stands at `nextSeq` and nobody else has it. */
export function takeReplay(
  tx: Statements,
  teamId: string,
  id: string,
  nextSeq: number,
): Promise<ReplayRow | undefined> {
  // By primary key. Whoever is making a page of it at this moment is left alone.
  return tx.get(
    `${SELECT} from replay r where r.team_id = ?1 and r.id = ?2 and r.state = 'running' and r.next_seq = ?3
     /*+ for update skip locked */`,
    [teamId, id, nextSeq],
  );
}

/** Writes down how far a replay has come; the caller has taken it. */
export async function advanceReplay(tx: Statements, row: ReplayRow): Promise<void> {
  // By primary key.
  await tx.run(
    `update replay set state = ?3, next_seq = ?4, matched = ?5, created = ?6, page = ?7, backlog = ?8, updated_at = ?9,
       finished_at = ?10
     where team_id = ?1 and id = ?2`,
    [
      row.team_id,
      row.id,
      row.state,
      row.next_seq,
      row.matched,
      row.created,
      row.page,
      row.backlog,
      row.updated_at,
      row.finished_at,
    ],
  );
}

/** Ends a replay that runs. Waits for the page under way. */
export async function stopReplay(tx: Statements, teamId: string, id: string, now: number): Promise<void> {
  // By primary key; one that is over stays as it is.
  await tx.run(
    "update replay set state = 'cancelled', finished_at = ?3 where team_id = ?1 and id = ?2 and state = 'running'",
    [teamId, id, now],
  );
}

/** Ends every running replay of an endpoint; the caller holds its lane. */
export async function stopReplaysOf(tx: Statements, teamId: string, endpointId: string, now: number): Promise<void> {
  // By replay_running.
  await tx.run(
    `update replay set state = 'cancelled', finished_at = ?3
     where team_id = ?1 and endpoint_id = ?2 and state = 'running'`,
    [teamId, endpointId, now],
  );
}

/** Cancels those deliveries of a replay that still wait; answers with their number. */
export function cancelDeliveriesOf(tx: Statements, teamId: string, id: string, now: number): Promise<number> {
  // By delivery_of_replay_by_status; what is final stays as it is.
  return tx.run(
    `update delivery set status = 'cancelled', settled_at = ?3
     where team_id = ?1 and replay_id = ?2 and status in ('pending', 'failed', 'held')`,
    [teamId, id, now],
  );
}
