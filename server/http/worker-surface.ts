import { Problem } from '../problem.ts';
import type { CompiledOperation } from './compile-contract.ts';
import type { OperationId } from './operation.ts';

const SERVED: ReadonlySet<OperationId> = new Set(['getHealth', 'getReady', 'getMetrics']);

/** What a process that only delivers serves of the contract: what its supervisor and its monitoring ask. */
export function workerSurface(operations: readonly CompiledOperation[]): CompiledOperation[] {
  return operations.filter(({ id }) => SERVED.has(id as OperationId));
}

/** The answer to everything else: 503, so that a load balancer that asks here by mistake turns to another process. */
export function workerOnly(path: string): Problem {
  return new Problem(
    503,
    'worker_only',
    `This process only delivers (role worker); there is no ${path} here. Send requests to a process with the role api or all.`,
  );
}
