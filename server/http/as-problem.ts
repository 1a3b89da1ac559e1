import { Problem } from '../problem.ts';
import { StorageUnavailable } from '../storage/database.ts';
import type { Log } from './deps.ts';

/** An error as the caller may see it. What is the server's own fault is logged and told without particulars. */
export function asProblem(error: unknown, log: Log, facts: { request_id: string; operation?: string }): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StorageUnavailable) {
    log.error({ ...facts, err: error }, 'the database is not available');
    return new Problem(
      503,
      'storage_unavailable',
      'The database is not available and nothing was acknowledged. Try again.',
      { headers: { 'Retry-After': '1' } },
    );
  }
  log.error({ ...facts, err: error }, 'an operation failed');
  return new Problem(
    500,
    'internal_error',
    `Something went wrong in the server; its log tells more under ${facts.request_id}.`,
  );
}
