/**
 * `npm run bench`: what one process does on this machine, against its own raw limit, in one run. Receiver, load and
 * server are processes of their own; every commit is on disk. A run of all measures writes a report to bench/results/.
 */
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.ts';
import { checkCosts } from './checks.ts';
import type { Values } from './measure.ts';
import { choose } from './measures/measures.ts';
import { asMarkdown, writeReport } from './report.ts';
import { startBench } from './start-bench.ts';
import { median } from './statistics.ts';
import { postgresStore, sqliteStore } from './store.ts';
import { lookAround } from './surroundings.ts';

const wanted = readArguments(process.argv.slice(2), process.env);
const chosen = choose(wanted.only);
const store = wanted.engine === 'postgres' ? await postgresStore() : sqliteStore();
const bench = await startBench(store, process.env.SERVER_FLAGS?.split(' '));
const surroundings = lookAround(store, bench.sample);
const each: Values[] = [];
const absent: Record<string, string> = {};
try {
  for (let run = 1; run <= wanted.runs; run += 1) {
    const found: Values = {};
    each.push(found);
    for (const measure of chosen) {
      if (measure.once === true && run > 1) continue;
      const startedAt = performance.now();
      const values = await measure.run(bench, found);
      const took = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
      if (typeof values === 'string') {
        absent[measure.name] = values;
        console.log(`run ${run}, ${measure.name}: SKIPPED, ${values}`);
      } else {
        Object.assign(found, values);
        console.log(`run ${run}, ${measure.name} (${took}): ${JSON.stringify(rounded(values))}`);
      }
    }
  }
} finally {
  bench.stop();
  await store.close();
}

const names = [...new Set(each.flatMap((values) => Object.keys(values)))];
const medians = Object.fromEntries(
  names.map((name) => [name, median(each.flatMap((values) => (name in values ? [values[name] ?? Number.NaN] : [])))]),
);
if (wanted.only === undefined) {
  const costs = checkCosts(bench.sample.type);
  Object.assign(medians, {
    'checks.request µs': costs.requestUs,
    'checks.data µs': costs.dataUs,
    'checks.contract at start ms': costs.contractMs,
    'checks.catalog at start ms': costs.catalogMs,
  });
}
const findings = { store: store.engine, surroundings, runs: wanted.runs, medians, each, absent };
console.log(`\n${asMarkdown(findings)}`);
if (wanted.only === undefined)
  console.log(`written to ${writeReport(fileURLToPath(new URL('results', import.meta.url)), findings)}`);

function rounded(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
