import type { Database } from './database.ts';

const STATEMENTS = {
  endpoints: 'select project_id from endpoint where team_id = ?1 and id = ?2',
  events: 'select project_id from event where team_id = ?1 and id = ?2',
  deliveries: `select x.project_id as project_id
    from delivery d join endpoint x on x.team_id = d.team_id and x.id = d.endpoint_id where d.team_id = ?1 and d.id = ?2`,
};

/** The project of an endpoint, of an event, or of a delivery's endpoint; null where it has none, undefined where it is not there. */
export async function readProjectOf(
  db: Database,
  kind: keyof typeof STATEMENTS,
  teamId: string,
  id: string,
): Promise<string | null | undefined> {
  // By primary keys.
  return (await db.get<{ project_id: string | null }>(STATEMENTS[kind], [teamId, id]))?.project_id;
}
