/** The statements of the feed: a team's events in the order of their commits. */
import type { EventScope } from '../model.ts';
import type { Statements, Value } from './database.ts';
import { inChunks, perCount } from './rows.ts';
import { inScope } from './scope.ts';

/** Which events of a team's feed to read. */
export interface FeedQuery {
  type?: string | undefined;
  projectId?: string | undefined;
  isTest: boolean;
  scope: EventScope;
  /** Only events past this number of the team's sequence, and up to the other. */
  afterSeq: number;
  lastSeq: number;
  limit: number;
}

/** The number of the last event that the team has committed; 0 when there is none. */
export async function readLastSeq(db: Statements, teamId: string): Promise<number> {
  // By primary key. The number is taken in the transaction that inserts the event, so the event is there too.
  const row = await db.get<{ last_seq: number }>('select last_seq from team where id = ?1', [teamId]);
  return row?.last_seq ?? 0;
}

const lastSeqs = perCount(
  (count) =>
    `select id, last_seq from team where id in (${Array.from({ length: count }, (_, i) => `?${i + 1}`).join(', ')})`,
);

/** The same for several teams, those that are not there left out. */
export async function readLastSeqs(db: Statements, teamIds: readonly string[]): Promise<Map<string, number>> {
  // By primary key, 64 teams a statement: while requests wait in feeds, twice a second.
  const rows = await inChunks<{ id: string; last_seq: number }>(
    db,
    teamIds.map((id) => [id]),
    lastSeqs,
  );
  return new Map(rows.map((row) => [row.id, row.last_seq]));
}

/** A team's events past a number, oldest first. */
export function readFeed(
  db: Statements,
  teamId: string,
  query: FeedQuery,
): Promise<{ seq: number; envelope: string }[]> {
  const params: Value[] = [teamId, query.afterSeq, query.lastSeq, query.isTest ? 1 : 0, query.limit];
  const conditions = ['team_id = ?1', 'seq > ?2', 'seq <= ?3', 'is_test = ?4'];
  const where = (column: string, value: Value | undefined) => {
    if (value !== undefined) conditions.push(`${column} ?${params.push(value)}`);
  };
  where('type =', query.type);
  where('project_id =', query.projectId);
  conditions.push(...inScope({ project: 'project_id', type: 'type' }, query.scope, params));
  // Forward over event_by_type when a type is asked for, else over event_by_seq; four texts in all.
  return db.all(`select seq, envelope from event where ${conditions.join(' and ')} order by seq limit ?5`, params);
}
