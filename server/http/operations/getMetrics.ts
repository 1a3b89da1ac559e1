import type { OperationDeps } from '../deps.ts';
import type { Operation } from '../operation.ts';

/** GET /metrics */
export function getMetrics({ metrics }: OperationDeps): Operation<'getMetrics'> {
  return async () => {
    const { contentType, text } = await metrics.scrape();
    return { status: 200, headers: { 'Content-Type': contentType }, body: text };
  };
}
