/**
 * `npm run bench:compare -- <folder> [--postgres] [--ten | --batch]`: this version against the one in another checkout, say a git worktree of an
 * older commit. Both servers run all the time and take turns of a second or two, so that a machine whose speed moves by half within
 * minutes is as fast for one as for the other. Linux only.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Probe } from './measure.ts';
import { type Thread, threadsOf } from './profile/threads.ts';
import { batchPublishes, measurePublishing, singlePublishes } from './publishing.ts';
import { projectsOf } from './sample.ts';
import { type Server, startServer } from './server.ts';
import { startBench } from './start-bench.ts';
import { median } from './statistics.ts';
import { type BenchDatabase, postgresStore, sqliteStore } from './store.ts';

const ROUNDS = 10;
/** Deliveries a turn, beside half as many that warm up. */
const DELIVERIES = 8000;

interface Side {
  folder: string;
  server: Server;
  database: BenchDatabase;
  rates: number[];
  /** CPU microseconds a delivery, of each turn, by thread. */
  cpu: Map<string, number[]>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    postgres: { type: 'boolean', default: false },
    ten: { type: 'boolean', default: false },
    batch: { type: 'boolean', default: false },
  },
});
const [other] = positionals;
if (other === undefined) throw new Error('Name the folder of the other checkout: npm run bench:compare -- <folder>');
if (values.ten && values.batch) throw new Error('Compare either --ten or --batch: batches go to one endpoint an event');
const endpoints = values.ten ? 10 : 16;
const perEvent = values.ten ? 10 : 1;

let before: Thread[] = [];
let turn: Side | undefined;
const probe: Probe = {
  begin: (pid) => {
    before = threadsOf(pid);
  },
  end: (pid, deliveries) => {
    const spent = new Map<string, number>();
    for (const [index, { id, name, cpuSeconds }] of threadsOf(pid).entries()) {
      const thread = name === 'WorkerThread' ? `thread ${index}` : name;
      const used = cpuSeconds - (before.find((one) => one.id === id)?.cpuSeconds ?? 0);
      spent.set(thread, (spent.get(thread) ?? 0) + (used / deliveries) * 1e6);
    }
    for (const [thread, micros] of spent) turn?.cpu.set(thread, [...(turn.cpu.get(thread) ?? []), micros]);
  },
};

const store = values.postgres ? await postgresStore() : sqliteStore();
const bench = await startBench(store, [], probe);
const projects = projectsOf(endpoints);
const sides: Side[] = [];
try {
  for (const folder of [process.cwd(), resolve(other)]) {
    const database = await store.create();
    const server = await startServer(database.url, [], folder);
    for (const project of projects)
      await server.addEndpoint(bench.sample.type, `${bench.receiverUrl}/${project}`, values.ten ? undefined : project);
    sides.push({ folder, server, database, rates: [], cpu: new Map() });
  }
  const publishes = values.batch
    ? batchPublishes(bench.sample, projects, DELIVERIES)
    : singlePublishes(projects.map(bench.sample.bodyFor), DELIVERIES / perEvent, perEvent);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      turn = side;
      const measured = await measurePublishing(bench, side.server, 'turn', publishes);
      side.rates.push(measured['turn.rate'] ?? Number.NaN);
    }
  for (const { folder, rates, cpu } of sides) {
    console.log(
      `\n${folder}\n  ${median(rates).toFixed(0)} deliveries a second (${rates.map((rate) => rate.toFixed(0)).join(' ')})`,
    );
    for (const [thread, micros] of cpu)
      if (median(micros) >= 1) console.log(`  ${thread.padEnd(14)} ${median(micros).toFixed(1)} µs of CPU a delivery`);
  }
  const [mine, theirs] = sides.map(({ rates }) => rates);
  const ratios = (mine ?? []).map((rate, round) => rate / (theirs?.[round] ?? Number.NaN));
  console.log(
    `\nthis version against the other, round by round: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  );
} finally {
  for (const { server, database } of sides) {
    await server.stop();
    await database.remove();
  }
  bench.stop();
  await store.close();
}
