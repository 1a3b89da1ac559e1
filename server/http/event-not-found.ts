import { Problem } from '../problem.ts';

/** There is no such event in the team, or it is another team's. */
export function eventNotFound(id: string): Problem {
  return new Problem(404, 'event_not_found', `There is no event "${id}" in this team.`);
}
