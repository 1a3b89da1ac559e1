import type { Caller } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Database } from '../storage/database.ts';
import { readProjectOf } from '../storage/projects.ts';
import type { ContractOperation } from './contract.ts';

/** A team in which there is nothing. */
const NO_TEAM = '';

/**
 * Keeps a token that is for some projects to them. What its path names of another project is not there: the caller then acts
 * in a team that has nothing, so that every operation answers as it does for an id that nobody has.
 * @throws Problem 403 `project_not_allowed` for what is the whole team's.
 */
export async function keepToProjects(
  db: Database,
  operation: Pick<ContractOperation, 'path' | 'object'>,
  path: Record<string, unknown>,
  caller: Caller,
): Promise<Caller> {
  const { projects, teamId } = caller;
  if (projects === null) return caller;
  if (operation.object['x-team-wide'] === true)
    throw new Problem(
      403,
      'project_not_allowed',
      `This token is for ${projects.map((id) => `"${id}"`).join(', ')} alone, and this is the whole team's business. Use a token of the whole team.`,
    );
  const [, kind] = operation.path.match(/^\/v1\/webhook-(endpoints|subscriptions|deliveries|events)\/\{id\}/) ?? [];
  if (kind === undefined) return caller;
  const table = kind === 'subscriptions' ? 'endpoints' : (kind as 'endpoints' | 'deliveries' | 'events');
  const project = await readProjectOf(db, table, teamId, String(path.id));
  return project != null && projects.includes(project) ? caller : { ...caller, teamId: NO_TEAM };
}
