/**
 * `npm run bench`: what one process does on this machine, against its own raw limit, in one run. Receiver, load and
 * server are processes of their own; every commit is on disk. A run of all measures writes a report to bench/results/.
 */
import { fileURLToPath } from 'node:url';
import { readArguments, type Wanted } from './arguments.ts';
import { checkCosts } from './checks.ts';
import { choose } from './measures/measures.ts';
import { profile } from './profile/profile.ts';
import { asMarkdown, writeReport } from './report.ts';
import { runMeasures } from './run-measures.ts';
import { startBench } from './start-bench.ts';
import { type BenchStore, postgresStore, sqliteStore } from './store.ts';
import { lookAround } from './surroundings.ts';

const RESULTS = fileURLToPath(new URL('results', import.meta.url));

const wanted = readArguments(process.argv.slice(2), process.env);
const store = wanted.engine === 'postgres' ? await postgresStore() : sqliteStore();
try {
  await (wanted.profile ? profile(store, wanted.only) : measure(store, wanted));
} finally {
  await store.close();
}

async function measure(store: BenchStore, { only, runs }: Wanted): Promise<void> {
  const chosen = choose(only);
  const bench = await startBench(store, process.env.SERVER_FLAGS?.split(' '));
  try {
    const surroundings = lookAround(store, bench.sample);
    const results = await runMeasures(bench, chosen, runs);
    if (only === undefined) Object.assign(results.medians, checkCosts(bench.sample.type));
    const findings = { store: store.engine, surroundings, runs, ...results };
    console.log(`\n${asMarkdown(findings)}`);
    // What is kept has every measure, all from one run.
    if (only === undefined) console.log(`written to ${writeReport(RESULTS, findings)}`);
  } finally {
    bench.stop();
  }
}
