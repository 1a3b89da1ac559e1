import assert from 'node:assert/strict';
import { LEASE_MS } from '../../../server/delivery/worker.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { Store } from '../../support/stores.ts';
import { until } from '../../support/until.ts';
import { type Host, makeHosts } from '../hosts.ts';
import type { Scenario } from '../scenario.ts';

const hostsOf = new WeakMap<Store, Host[]>();
const GRACE_MS = 1000;
const BACK_MS = LEASE_MS + 5000;
/** TCP tries again ever less often; after a cut of half a minute, within another one. */
const REJOIN_MS = 60_000;

/** Three hosts share a database; the cable of one is pulled while it delivers, and put back. */
export const cutOff: Scenario = {
  number: 17,
  fault: '3 hosts in network namespaces, one cut off from PostgreSQL mid-delivery',
  passes: '0 lost; the cut one stops sending once its lease is over',
  stores: ['PostgreSQL'],
  async makeStore() {
    const { hosts, remove } = makeHosts(['a', 'b', 'c']);
    const server = await startPostgres(hosts.map(({ gateway }) => gateway)).catch((error: unknown) => {
      remove();
      throw error;
    });
    const store: Store = {
      name: 'PostgreSQL',
      url: server.url,
      open: () => Promise.reject(new Error('only the program opens this one')),
      async remove() {
        await server.remove();
        remove();
      },
    };
    hostsOf.set(store, hosts);
    return store;
  },
  async play({ stage }) {
    const hosts = hostsOf.get(stage.store) ?? [];
    const [, , lonely] = hosts;
    assert.ok(lonely);
    // Each host has a receiver of its own on its loopback, at the same address, and all write into one ledger.
    const receiverPort = Number(new URL(stage.receiverUrl).port);
    const maker = await stage.start();
    for (let lane = 0; lane < 12; lane += 1) await stage.watch(maker, `/delay-200/${lane}`);
    maker.signal('SIGTERM');
    await maker.ended;
    const publishers = new Map<Host, Awaited<ReturnType<typeof stage.publish>>>();
    for (const host of hosts) {
      const { name, gateway, through } = host;
      await stage.addReceiver(name, receiverPort, through);
      const DATABASE_URL = stage.store.url.replace('127.0.0.1', gateway);
      const program = await stage.start({ env: { DATABASE_URL }, through });
      publishers.set(host, await stage.publish([program.url], { prefix: `from-${name}`, perSecond: 15 }, through));
    }
    const sentBy = (host: Host): number[] =>
      stage.receipts().flatMap((receipt) => (receipt.host === host.name ? [receipt.at] : []));
    await until(() => hosts.every((host) => sentBy(host).length >= 50), 'every host to deliver', 60_000);

    lonely.cut();
    const cutAt = Date.now();
    const answeredBy = (name: string): number =>
      stage
        .client()
        .filter((one) => one.entry === 'replied' && one.status === 202 && one.id.startsWith(`from-${name}-`)).length;
    // The others go on meanwhile, also with what was the lonely one's.
    const before = ['a', 'b'].map(answeredBy);
    await new Promise((resolve) => setTimeout(resolve, BACK_MS));
    const meanwhile = ['a', 'b'].map((name, index) => answeredBy(name) - (before[index] ?? 0));
    assert.ok(Math.min(...meanwhile) > 20, `the others took ${meanwhile.join(' and ')} events`);
    for (const publishing of publishers.values()) publishing.stop();
    const lastSent = Math.max(...sentBy(lonely)) - cutAt;
    assert.ok(lastSent <= LEASE_MS + GRACE_MS, `the cut host sent until ${lastSent} ms after the cut`);

    const judge = await stage.start();
    await stage.settle(judge, BACK_MS);
    const settledAfter = Date.now() - cutAt;
    const sentBefore = sentBy(lonely).length;
    lonely.join();
    await Promise.all([...publishers.values()].map((publishing) => publishing.done));
    await stage.settle(judge, REJOIN_MS);
    const { answered, unanswered, again } = await stage.verdict(judge);
    return `the cut one sent until ${lastSent} ms after the cut (${sentBefore} in all), settled after ${settledAfter} ms; ${answered} events answered and ${unanswered} not, 0 lost, ${again} repeated`;
  },
};
