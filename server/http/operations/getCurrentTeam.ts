import { readTeam } from '../../storage/teams.ts';
import type { OperationDeps } from '../deps.ts';
import { isoTime } from '../iso-time.ts';
import type { Operation } from '../operation.ts';

/** GET /v1/teams/current */
export function getCurrentTeam({ db }: OperationDeps): Operation<'getCurrentTeam'> {
  return async ({ caller: { teamId } }) => {
    const team = await readTeam(db, teamId);
    if (team === undefined) throw new Error(`team ${teamId} has a token but no row`);
    return { status: 200, body: { data: { id: team.id, name: team.name, created_at: isoTime(team.created_at) } } };
  };
}
