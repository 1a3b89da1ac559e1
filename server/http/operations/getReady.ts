import { Problem } from '../../problem.ts';
import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** GET /readyz */
export function getReady({ isReady }: OperationDeps): Operation<'getReady'> {
  return async () => {
    if (!(await isReady()))
      throw new Problem(503, 'not_ready', 'The server is starting, stopping, or without its database. Try again.', {
        headers: { 'Retry-After': '1' },
      });
    return { status: 200, body: { status: 'ready' } };
  };
}
