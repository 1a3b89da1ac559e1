import { loadCatalog } from '../server/catalog/load.ts';
import { loadContract } from '../server/http/load-contract.ts';
import type { Values } from './measure.ts';

const ROUNDS = 50_000;

/** Measures, in this process, the checks of a publish against openapi.yaml and the catalog, and what compiling them takes. */
export function checkCosts(typeName: string): Values {
  let start = performance.now();
  const { operations } = loadContract();
  const contractMs = performance.now() - start;
  start = performance.now();
  const catalog = loadCatalog('events.json');
  const catalogMs = performance.now() - start;

  const type = catalog.types.get(typeName);
  const sample = type?.samples[0];
  const publish = operations.find(({ id }) => id === 'publishEvent')?.body;
  if (type === undefined || sample === undefined || !publish) throw new Error('nothing to check');
  const body = { type: sample.type, project_id: sample.project_id, data: sample.data };
  return {
    'checks.request µs': perRound(() => publish.validate(body)),
    'checks.data µs': perRound(() => type.validate(type.fill(sample.data))),
    'checks.contract at start ms': contractMs,
    'checks.catalog at start ms': catalogMs,
  };
}

/** Microseconds a call, after a warm-up. */
function perRound(check: () => unknown): number {
  for (let round = 0; round < ROUNDS / 5; round += 1) check();
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) check();
  return ((performance.now() - start) * 1000) / ROUNDS;
}
