import assert from 'node:assert/strict';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import type { Store } from '../../support/stores.ts';
import { until } from '../../support/until.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

/** The server behind a store of this scenario. */
const servers = new WeakMap<Store, PostgresServer>();

/** The database goes away as in a crash, and comes back, while events are published and delivered. */
export const postgresStopped: Scenario = {
  number: 4,
  fault: 'PostgreSQL stopped `immediate`, five times',
  passes: '0 lost; 5xx meanwhile, never a false 202',
  stores: ['PostgreSQL'],
  async makeStore() {
    const server = await startPostgres();
    const store: Store = {
      name: 'PostgreSQL',
      url: server.url,
      open: () => Promise.reject(new Error('only the program opens this one')),
      remove: () => server.remove(),
    };
    servers.set(store, server);
    return store;
  },
  async play({ stage, scale }) {
    const stops = scale === 'full' ? 5 : 1;
    const server = servers.get(stage.store);
    assert.ok(server);
    const program = await stage.start();
    for (const path of ['/ok/a', '/delay-50/b', '/gone-200/c']) await stage.watch(program, path);
    const publishing = await stage.publish([program.url], { perSecond: 150 });
    let slowest = 0;
    for (let stop = 0; stop < stops; stop += 1) {
      await stage.received(stage.receipts().length + 200);
      await server.halt('immediate');
      stage.breaks.push(Date.now());
      await moreReplies(stage, (status) => status >= 500);
      await server.resume();
      const resumedAt = Date.now();
      await moreReplies(stage, (status) => status === 202);
      slowest = Math.max(slowest, Date.now() - resumedAt);
    }
    publishing.stop();
    await publishing.done;
    await stage.settle(program);
    const { answered, again } = await stage.verdict(program);
    const refused = stage.client().filter((one) => one.entry === 'replied' && one.status !== 202);
    const codes = new Set(refused.map((one) => (one.entry === 'replied' ? `${one.status} ${one.code}` : '')));
    assert.deepEqual([...codes], ['503 storage_unavailable']);
    return `${stops} stops, ${answered} events answered and ${refused.length} refused with 503, 0 lost, ${again} repeated, 202 again after ${slowest} ms`;
  },
};

/** Resolves when publishers have got so many more replies with such a status. */
export async function moreReplies(stage: Stage, fits: (status: number) => boolean, count = 20): Promise<void> {
  const replies = (): number => stage.client().filter((one) => one.entry === 'replied' && fits(one.status)).length;
  const before = replies();
  await until(() => replies() >= before + count, 'the publishers to be answered so', 60_000);
}
