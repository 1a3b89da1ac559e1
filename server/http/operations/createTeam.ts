import { newId } from '../../id.ts';
import { Problem } from '../../problem.ts';
import { insertTeam } from '../../storage/teams.ts';
import type { OperationDeps } from '../deps.ts';
import { isoTime } from '../iso-time.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';

/** POST /v1/teams */
export function createTeam(deps: OperationDeps): Operation<'createTeam'> {
  return (request) =>
    carryOut<'createTeam'>(deps, request, async (tx, now) => {
      const { name, id = newId('tem') } = request.body;
      if (!(await insertTeam(tx, { id, name, created_at: now })))
        throw new Problem(409, 'team_exists', `There is a team "${id}" already. Choose another id, or use that team.`);
      return {
        reply: { status: 201, body: { data: { id, name, created_at: isoTime(now) } } },
        resourceId: id,
        audit: { action: 'team.created', target: id, changes: request.body },
      };
    });
}
