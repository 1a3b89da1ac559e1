/**
 * `npm run bench`: what one process does on this machine, against its own raw limit, in one run.
 * Receiver, load and server are processes of their own; the store is SQLite with `synchronous=FULL`.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../server/catalog/load.ts';
import { checkCosts } from './checks.ts';
import { type Child, startChild, usageOf } from './child.ts';
import { fsyncTimes } from './fsync.ts';
import type { Job, Outcome } from './jobs.ts';

const RUNS = Number(process.env.RUNS ?? 3);
const RAW_COUNT = 60_000;
const SINGLE_COUNT = 40_000;
const TEN_COUNT = 8000;
const LATENCY_COUNT = 200;
const ENDPOINTS = 16;
const CONNECTIONS = 128;

interface Measured {
  rate: number;
  cpu: number | null;
  peakMb: number | null;
}

const type = [...loadCatalog('events.json').types.values()].find(
  (one) => one.publishable && one.scope === 'project' && JSON.stringify(one.samples[0]).length > 2000,
);
const sample = type?.samples[0];
if (sample === undefined) throw new Error('the catalog has no project event whose sample has 2 KB');
const bodyFor = (project: string): string =>
  JSON.stringify({ type: sample.type, project_id: project, data: sample.data });

const receiver = startChild('receiver.ts');
const { url: receiverUrl } = await receiver.next<{ url: string }>('url');
const load = startChild('load.ts');
const { url: loadUrl } = await load.next<{ url: string }>('url');

console.log(
  `node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${sample.type}: ${JSON.stringify(sample).length} bytes, medians of ${RUNS} runs`,
);
const fsync = fsyncTimes(tmpdir());
const raw: number[] = [];
const single: Measured[] = [];
const ten: Measured[] = [];
let latency: number[] = [];
for (let run = 0; run < RUNS; run += 1) {
  raw.push(await measureRaw());
  single.push(await withServer((server) => measureSingle(server)));
  ten.push(await withServer((server) => measureTen(server)));
}
latency = await withServer((server) => measureLatency(server));
report();
receiver.stop();
load.stop();

/** (a): the best of 16, 64 and 256 connections. */
async function measureRaw(): Promise<number> {
  const child = startChild('raw.ts');
  const rates: number[] = [];
  for (const connections of [16, 64, 256]) {
    await expect(receiver, RAW_COUNT);
    const done = child.next<Outcome>('seconds');
    const job: Job = { kind: 'raw', url: receiverUrl, body: JSON.stringify(sample), count: RAW_COUNT, connections };
    child.send(job);
    rates.push(RAW_COUNT / (await done).seconds);
  }
  child.stop();
  return Math.max(...rates);
}

/** (b): 16 endpoints, each event to one of them. */
async function measureSingle(server: Server): Promise<Measured> {
  const projects = Array.from({ length: ENDPOINTS }, (_, index) => `prj_${index}`);
  for (const project of projects) await server.addEndpoint(`${receiverUrl}/${project}`, project);
  return measurePublishing(server, projects.map(bodyFor), SINGLE_COUNT, 1);
}

/** (c): ten endpoints, each event to all of them. */
async function measureTen(server: Server): Promise<Measured> {
  for (let index = 0; index < 10; index += 1) await server.addEndpoint(`${receiverUrl}/${index}`);
  return measurePublishing(server, [bodyFor('prj_0')], TEN_COUNT, 10);
}

/** Deliveries a second from the first publish to the last receipt, after a warm-up. */
async function measurePublishing(server: Server, bodies: string[], count: number, fanOut: number): Promise<Measured> {
  await publish(server, bodies, Math.round(count / 2), fanOut);
  const before = usageOf(server.pid);
  const beginning = Date.now();
  const end = await publish(server, bodies, count, fanOut);
  const after = usageOf(server.pid);
  const seconds = (end - beginning) / 1000;
  return {
    rate: (count * fanOut) / seconds,
    cpu: before && after && (after.cpuSeconds - before.cpuSeconds) / seconds,
    peakMb: after?.peakMb ?? null,
  };
}

async function publish(server: Server, bodies: string[], count: number, fanOut: number): Promise<number> {
  await expect(receiver, count * fanOut);
  const received = receiver.next<{ done: number }>('done');
  const published = load.next<Outcome>('seconds');
  const job: Job = { kind: 'publish', url: server.url, token: server.token, bodies, count, connections: CONNECTIONS };
  load.send(job);
  await published;
  return (await received).done;
}

/** (d): one publish at a time on an idle server, to the receipt of its delivery. */
async function measureLatency(server: Server): Promise<number[]> {
  await server.addEndpoint(`${loadUrl}/`);
  const done = load.next<Outcome>('seconds');
  const job: Job = {
    kind: 'latency',
    url: server.url,
    token: server.token,
    bodies: [bodyFor('prj_0')],
    count: LATENCY_COUNT,
    gapMs: 20,
  };
  load.send(job);
  return (await done).times ?? [];
}

async function expect(child: Child, count: number): Promise<void> {
  const ready = child.next<{ ready: boolean }>('ready');
  child.send({ expect: count });
  await ready;
}

interface Server {
  url: string;
  token: string;
  pid: number;
  addEndpoint(url: string, project?: string): Promise<void>;
}

/** Runs the program itself on a new database, for one measurement. */
async function withServer<T>(measure: (server: Server) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-bench-'));
  const token = randomBytes(24).toString('hex');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...(process.env.SERVER_FLAGS?.split(' ') ?? []), 'server/main.ts'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        PORT: '0',
        DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
        HOOKLOOM_OPERATOR_TOKEN: token,
        LOG_LEVEL: 'warn',
      },
    },
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /listens on (\S+)/.exec(chunk.toString())?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const addEndpoint = async (target: string, project?: string): Promise<void> => {
    const answer = await fetch(`${url}/v1/webhook-endpoints`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'bench',
        url: target,
        events: [sample?.type],
        ...(project && { project_id: project }),
      }),
    });
    if (answer.status !== 201) throw new Error(await answer.text());
  };
  try {
    return await measure({ url, token, pid: child.pid ?? 0, addEndpoint });
  } finally {
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(): void {
  const limit = median(raw);
  const row = (name: string, measured: Measured[]) => ({
    measure: name,
    'per second': Math.round(median(measured.map((one) => one.rate))),
    'ratio to (a)': (median(measured.map((one) => one.rate)) / limit).toFixed(2),
    'CPU (cores)': median(measured.map((one) => one.cpu ?? Number.NaN)).toFixed(2),
    'peak MB': Math.round(median(measured.map((one) => one.peakMb ?? Number.NaN))),
  });
  console.table([
    { measure: '(a) raw signed POSTs', 'per second': Math.round(limit), 'ratio to (a)': '1.00' },
    row('(b) publish -> 202 -> delivered', single),
    row('(c) the same, ten endpoints an event', ten),
  ]);
  console.log(
    `(d) idle latency publish -> receipt: p50 ${percentile(latency, 50)} ms, p99 ${percentile(latency, 99)} ms`,
  );
  console.log(`(e) fdatasync of 4 KB: p50 ${percentile(fsync, 50)} ms, p99 ${percentile(fsync, 99)} ms`);
  const costs = checkCosts(sample?.type ?? '');
  console.log(
    `(f) checks of a publish: request ${costs.requestUs.toFixed(1)} µs, data ${costs.dataUs.toFixed(1)} µs; ` +
      `at start: contract ${Math.round(costs.contractMs)} ms, catalog ${Math.round(costs.catalogMs)} ms`,
  );
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function percentile(values: number[], p: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? Number.NaN).toFixed(2);
}
