import { Problem } from '../problem.ts';

/** There is no such endpoint in the team, or it is another team's. */
export function endpointNotFound(id: string): Problem {
  return new Problem(404, 'endpoint_not_found', `There is no endpoint "${id}" in this team; it may have been deleted.`);
}
