import { Problem } from '../problem.ts';

/** There is no such delivery in the team, or it is another team's. */
export function deliveryNotFound(id: string): Problem {
  return new Problem(404, 'delivery_not_found', `There is no delivery "${id}" in this team.`);
}
