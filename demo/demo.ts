/**
 * `npm run demo`: a server on a temporary database and a receiver on this machine; a hook for every event type that can
 * be published, its sample published, every signature checked by the published library `standardwebhooks`.
 * Exit 1 when a delivery is missing or wrong.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogError } from '../server/catalog/catalog-error.ts';
import { readConfig } from '../server/config.ts';
import { dialects } from '../server/delivery/dialect/dialects.ts';
import { startHookloom } from '../server/hookloom.ts';
import { openInbox } from './inbox.ts';
import { type Call, type Result, subscribe, tryEventType } from './try-event-type.ts';

const folder = mkdtempSync(join(tmpdir(), 'hookloom-demo-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const token = randomBytes(32).toString('hex');
const environment = {
  PORT: '0',
  DATABASE_URL: `sqlite:${join(folder, 'demo.db')}`,
  HOOKLOOM_OPERATOR_TOKEN: token,
  HOOKLOOM_CATALOG: process.env.HOOKLOOM_CATALOG,
  LOG_LEVEL: 'warn',
};

const inbox = await openInbox();
const hookloom = await startHookloom(readConfig(environment, [...dialects.keys()])).catch((error: unknown) => {
  console.error(error instanceof CatalogError ? error.message : error);
  process.exit(1);
});

const call: Call = async <T>(method: string, path: string, body?: unknown) => {
  const reply = await fetch(hookloom.url + path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path} answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as T;
};

const types = [...hookloom.catalog.types.values()].filter((type) => type.publishable);
const hooks = await Promise.all(types.map((type) => subscribe(call, inbox, type)));
const results: Result[] = [];
// One at a time: the milliseconds are then those of an idle server.
for (const hook of hooks) results.push(await tryEventType(call, inbox, hook));
await hookloom.stop();
inbox.close();
report(results);

function report(all: readonly Result[]): void {
  const width = Math.max(...all.map(({ type }) => type.length), 'event type'.length);
  console.log(`${'event type'.padEnd(width)}  attempts  milliseconds`);
  for (const { type, attempts, ms, faults } of all) {
    const cells = [type.padEnd(width), String(attempts).padStart(8), (ms?.toFixed(1) ?? '-').padStart(12)];
    console.log([...cells, faults.length > 0 ? `WRONG: ${faults.join('; ')}` : ''].join('  ').trimEnd());
  }
  const wrong = all.filter(({ faults }) => faults.length > 0);
  const times = all.flatMap(({ ms }) => (ms === null ? [] : [ms])).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)]?.toFixed(1) ?? '-';
  if (wrong.length > 0 || all.length === 0) {
    console.log(`\n${wrong.length} of ${all.length} event types are missing or wrong.`);
    process.exitCode = 1;
    return;
  }
  console.log(
    `\n${all.length} event types subscribed, published and received; every signature verified by standardwebhooks. Median: ${median} ms.`,
  );
}
