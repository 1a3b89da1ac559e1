import type { Caller } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Database } from '../storage/database.ts';
import { readTeam } from '../storage/teams.ts';

/** The caller, acting for the team it named. @throws Problem 404 `team_not_found`. */
export type ActForTeam = (caller: Caller, named: string | undefined) => Promise<Caller>;

/**
 * Lets the operator act for any team that exists. A team's token acts for its own alone: another one is "not found",
 * whether it exists or not. Teams are never deleted, so one that was seen is not looked up again.
 */
export function createActForTeam(db: Database): ActForTeam {
  const seen = new Set<string>();
  return async (caller, named) => {
    if (named === undefined || named === caller.teamId) return caller;
    if (!caller.isOperator) throw teamNotFound(named);
    if (!seen.has(named)) {
      if ((await readTeam(db, named)) === undefined) throw teamNotFound(named);
      seen.add(named);
    }
    return { ...caller, teamId: named };
  };
}

function teamNotFound(id: string): Problem {
  return new Problem(404, 'team_not_found', `There is no team "${id}" that this token may act for.`);
}
