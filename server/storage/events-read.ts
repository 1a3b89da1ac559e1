import type { EventRow, EventScope } from '../model.ts';
import type { Statements, Value } from './database.ts';
import { inScope } from './scope.ts';

/** Which events of a team to list, newest first. */
export interface EventQuery {
  type?: string | undefined;
  projectId?: string | undefined;
  isTest: boolean;
  scope: EventScope;
  /** Only events before this number of the team's sequence. */
  beforeSeq?: number | undefined;
  limit: number;
}

/** One event of a team. */
export function readEvent(db: Statements, teamId: string, id: string): Promise<EventRow | undefined> {
  // By primary key.
  return db.get<EventRow>(
    `select team_id, seq, id, type, project_id, is_test, deliveries, accepted_at, envelope, traceparent, pruned_at
     from event where team_id = ?1 and id = ?2`,
    [teamId, id],
  );
}

/** A team's events, newest first. Pages on `seq`, which follows the order of commits: rows added meanwhile come above. */
export function listEventRows(
  db: Statements,
  teamId: string,
  query: EventQuery,
): Promise<{ seq: number; envelope: string; pruned_at: number | null }[]> {
  const params: Value[] = [teamId, query.isTest ? 1 : 0, query.limit];
  const conditions = ['team_id = ?1', 'is_test = ?2'];
  const where = (column: string, value: Value | undefined) => {
    if (value !== undefined) conditions.push(`${column} ?${params.push(value)}`);
  };
  where('type =', query.type);
  where('project_id =', query.projectId);
  where('seq <', query.beforeSeq);
  conditions.push(...inScope({ project: 'project_id', type: 'type' }, query.scope, params));
  // Backwards over event_by_type when a type is asked for, else over event_by_seq; eight texts in all.
  return db.all(
    `select seq, envelope, pruned_at from event where ${conditions.join(' and ')} order by seq desc limit ?3`,
    params,
  );
}
