import assert from 'node:assert/strict';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';
import type { Store } from '../../support/stores.ts';
import { endOfRefusals, moreReplies } from '../refusals.ts';
import type { Scenario } from '../scenario.ts';

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
    const { answered, again, refused } = await endOfRefusals(stage, program, publishing);
    return `${stops} stops, ${answered} events answered and ${refused} refused with 503, 0 lost, ${again} repeated, 202 again after ${slowest} ms`;
  },
};
