import { Problem } from '../problem.ts';

/** The endpoint has no such replay, or it is another team's. */
export function replayNotFound(id: string): Problem {
  return new Problem(404, 'replay_not_found', `There is no replay "${id}" of this endpoint.`);
}
