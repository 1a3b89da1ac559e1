import assert from 'node:assert/strict';
import { LEASE_MS } from '../../../server/delivery/worker.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { Store } from '../../support/stores.ts';
import { until } from '../../support/until.ts';
import { type Host, makeHosts } from '../hosts.ts';
import type { Scenario } from '../scenario.ts';
import { type Publishing, sampleOf } from '../stage.ts';

const hostsOf = new WeakMap<Store, Host[]>();
const TYPES = ['team.created', 'plan.created', 'project.created'] as const;
const LANES = 4;
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
    // Each host has a receiver of its own on its loopback, at the same address, and all write into one ledger.
    const receiverPort = Number(new URL(stage.receiverUrl).port);
    const maker = await stage.start();
    // A host leases the lanes of the events that it takes, so each takes events of a type of its own.
    for (const type of TYPES)
      for (let lane = 0; lane < LANES; lane += 1)
        await stage.watch(maker, `/delay-200/${type}/${lane}`, { events: [type] });
    maker.signal('SIGTERM');
    await maker.ended;
    for (const { name, through } of hosts) await stage.addReceiver(name, receiverPort, through);
    const programs = await Promise.all(
      hosts.map(({ gateway, through }) =>
        stage.start({
          env: { DATABASE_URL: stage.store.url.replace('127.0.0.1', gateway), LOG_LEVEL: 'warn' },
          through,
        }),
      ),
    );
    const publishAt = (host: number, type: string, prefix: string, more: object): Promise<Publishing> =>
      stage.publish([programs[host]?.url ?? ''], { prefix, event: sampleOf(type), ...more }, hosts[host]?.through);
    const publishing = await Promise.all(
      TYPES.map((type, index) => publishAt(index, type, `from-${index}`, { perSecond: 25, connections: 8 })),
    );
    const sentBy = ({ name }: Host): number[] =>
      stage.receipts().flatMap((receipt) => (receipt.host === name ? [receipt.at] : []));
    await stage.received(200, 60_000);
    // Lanes go to whoever is first; the host with most of them is the one to cut off.
    const lonely = hosts.toSorted((a, b) => sentBy(b).length - sentBy(a).length)[0];
    assert.ok(lonely);
    const cut = hosts.indexOf(lonely);
    const others = [0, 1, 2].filter((host) => host !== cut);

    lonely.cut();
    const cutAt = Date.now();
    stage.breaks.push(cutAt);
    // The others go on meanwhile; one of them takes events for the lanes of the one that is cut off.
    publishing.push(
      await publishAt(others[0] ?? 0, TYPES[cut] ?? '', 'for-the-cut', { perSecond: 10, connections: 4 }),
    );
    await new Promise((resolve) => setTimeout(resolve, BACK_MS));
    for (const one of publishing) one.stop();
    const lastSent = Math.max(...sentBy(lonely)) - cutAt;
    assert.ok(lastSent <= LEASE_MS + GRACE_MS, `the cut host sent until ${lastSent} ms after the cut`);
    for (const prefix of [...others.map((host) => `from-${host}-`), 'for-the-cut-']) {
      const answers = stage
        .client()
        .filter((one) => one.entry === 'replied' && one.at > cutAt && one.id.startsWith(prefix));
      const accepted = answers.filter((one) => one.entry === 'replied' && one.status === 202).length;
      assert.ok(accepted > 50, `${accepted} of ${prefix} were taken while one host was cut off`);
    }
    const judge = await stage.start();
    await stage.settle(judge, BACK_MS);
    const settledAfter = Date.now() - cutAt;

    lonely.join();
    await Promise.all(publishing.map((one) => one.done));
    // Back in the network it takes events again.
    const joinedAt = Date.now();
    const again = await publishAt(cut, TYPES[cut] ?? '', 'again', { perSecond: 5, connections: 1 });
    await until(
      () => stage.client().some((one) => one.entry === 'replied' && one.status === 202 && one.id.startsWith('again-')),
      'the host to take events again',
      REJOIN_MS,
    );
    const rejoined = Date.now() - joinedAt;
    again.stop();
    await again.done;
    await stage.settle(judge, REJOIN_MS);
    const { answered, unanswered, again: repeats } = await stage.verdict(judge);
    return `the cut one sent until ${lastSent} ms after the cut; all settled after ${settledAfter} ms; back ${rejoined} ms after it was joined; ${answered} events answered and ${unanswered} not, 0 lost, ${repeats} repeated`;
  },
};
