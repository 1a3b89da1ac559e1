import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** GET /healthz */
export function getHealth({ version }: OperationDeps): Operation<'getHealth'> {
  return async () => ({ status: 200, body: { status: 'ok', version } });
}
