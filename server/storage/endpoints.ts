/** The statements of endpoints: their rows, the patterns they subscribe, and their lanes' beginning and end. */
import type { EndpointHealth, EndpointKind, EndpointRow, EndpointState } from '../model.ts';
import type { Statements, Value } from './database.ts';
import { insertInto, insertOneInto } from './rows.ts';
import { amongProjects } from './scope.ts';

/** An endpoint with its health, which its lane knows. */
export interface EndpointView extends EndpointRow, EndpointHealth {}

/** Which endpoints of a team to list, newest first. */
export interface EndpointQuery {
  kind?: EndpointKind | undefined;
  state?: EndpointState | undefined;
  url?: string | undefined;
  /** Only endpoints that subscribe exactly this pattern. */
  pattern?: string | undefined;
  beforeId?: string | undefined;
  /** Those of these projects alone; null for all. */
  projects: readonly string[] | null;
  limit: number;
}

const COLUMNS = [
  'team_id',
  'id',
  'kind',
  'name',
  'url',
  'events',
  'project_id',
  'filters',
  'dialect',
  'headers',
  'allowed_ips',
  'credentials',
  'client_certificate',
  'signature',
  'retry_policy',
  'timeout_ms',
  'max_in_flight',
  'rate_limit',
  'ordered',
  'ordering_key',
  'state',
  'disabled_reason',
  'disabled_at',
  'token_id',
  'barred',
  'secret',
  'previous_secret',
  'previous_secret_until',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof EndpointRow)[];

const SELECT = `
  select ${COLUMNS.map((column) => `e.${column} as ${column}`).join(', ')},
    l.failing_since as failing_since, l.last_success_at as last_success_at,
    coalesce(l.consecutive_failures, 0) as consecutive_failures
  from endpoint e left join lane l on l.team_id = e.team_id and l.endpoint_id = e.id`;

const insertRow = insertOneInto('endpoint', COLUMNS);
const insertPatterns = insertInto('endpoint_event', {
  team_id: 'text',
  pattern: 'text',
  project_id: 'text',
  endpoint_id: 'text',
});

/** Adds an endpoint with its patterns, which are in our names whatever its dialect, and an open lane that sleeps. */
export async function insertEndpoint(tx: Statements, row: EndpointRow, patterns: readonly string[]): Promise<void> {
  await insertRow(
    tx,
    COLUMNS.map((column) => row[column]),
  );
  await insertPatterns(tx, patternRows(row, patterns));
  // Nothing waits yet, so the lane is not armed.
  await tx.run('insert into lane (team_id, endpoint_id) values (?1, ?2)', [row.team_id, row.id]);
}

/** One endpoint of a team. */
export function readEndpoint(db: Statements, teamId: string, id: string): Promise<EndpointView | undefined> {
  // Two look-ups by primary key.
  return db.get<EndpointView>(`${SELECT} where e.team_id = ?1 and e.id = ?2`, [teamId, id]);
}

/** A team's endpoints, newest first. Ids sort by the time they were made, so rows added meanwhile come above. */
export function listEndpointRows(db: Statements, teamId: string, query: EndpointQuery): Promise<EndpointView[]> {
  const params: Value[] = [teamId, query.limit];
  const conditions = ['e.team_id = ?1'];
  const where = (condition: string, value: Value | undefined) => {
    if (value !== undefined) conditions.push(condition.replace('?', `?${params.push(value)}`));
  };
  where('e.kind = ?', query.kind);
  where('e.state = ?', query.state);
  where('e.url = ?', query.url);
  where(
    'exists (select 1 from endpoint_event x where x.team_id = e.team_id and x.endpoint_id = e.id and x.pattern = ?)',
    query.pattern,
  );
  where('e.id < ?', query.beforeId);
  conditions.push(...amongProjects('e.project_id', query.projects, params));
  // Backwards over the primary key, within one team.
  return db.all(`${SELECT} where ${conditions.join(' and ')} order by e.id desc limit ?2`, params);
}

/** The endpoints and hooks that a token made. */
export function listMadeByToken(
  tx: Statements,
  teamId: string,
  tokenId: string,
): Promise<Pick<EndpointRow, 'id' | 'kind'>[]> {
  // By the index endpoint_by_token, in the order in which lanes are taken.
  return tx.all('select id, kind from endpoint where team_id = ?1 and token_id = ?2 order by id', [teamId, tokenId]);
}

/** Writes every column of an endpoint that can change, and its patterns anew unless they are null. */
export async function updateEndpointRow(
  tx: Statements,
  row: EndpointRow,
  patterns: readonly string[] | null,
): Promise<void> {
  const [, , ...rest] = COLUMNS;
  const sets = rest.map((column, index) => `${column} = ?${index + 3}`);
  // By primary key; the caller holds the endpoint's lane.
  await tx.run(`update endpoint set ${sets.join(', ')} where team_id = ?1 and id = ?2`, [
    row.team_id,
    row.id,
    ...rest.map((column) => row[column]),
  ]);
  if (patterns === null) return;
  await deletePatterns(tx, row.team_id, row.id);
  await insertPatterns(tx, patternRows(row, patterns));
}

/** Deletes an endpoint, its patterns and its lane; the caller holds the lane. Its delivery history stays. */
export async function deleteEndpointRows(tx: Statements, teamId: string, id: string): Promise<void> {
  // The lane first: whoever waits for it then finds it gone and adds no delivery.
  await tx.run('delete from lane where team_id = ?1 and endpoint_id = ?2', [teamId, id]);
  await deletePatterns(tx, teamId, id);
  // By primary key.
  await tx.run('delete from endpoint where team_id = ?1 and id = ?2', [teamId, id]);
}

async function deletePatterns(tx: Statements, teamId: string, endpointId: string): Promise<void> {
  // By the index of an endpoint's patterns.
  await tx.run('delete from endpoint_event where team_id = ?1 and endpoint_id = ?2', [teamId, endpointId]);
}

function patternRows(row: EndpointRow, patterns: readonly string[]): Value[][] {
  return patterns.map((pattern) => [row.team_id, pattern, row.project_id ?? '', row.id]);
}

/** Counts a team's endpoints and hooks; who else would count to make one waits until this transaction ends. */
export async function countEndpoints(tx: Statements, teamId: string): Promise<number> {
  // By primary key. Publishes of the team wait for as long as this transaction lasts, which is short.
  await tx.get('select id from team where id = ?1 /*+ for update */', [teamId]);
  // A range of the primary key.
  const row = await tx.get<{ count: number }>('select count(*) as count from endpoint where team_id = ?1', [teamId]);
  return row?.count ?? 0;
}
