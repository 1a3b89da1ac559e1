import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { openChannel } from '../../server/storage/postgres-channel.ts';
import { arrivals } from '../support/arrivals.ts';
import { type Program, runToEnd, startProgram } from '../support/program.ts';
import { startReceiver } from '../support/receiver.ts';
import { scrapeOf } from '../support/scrape.ts';
import { postgresStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;

describe('--role', { concurrency: 2 }, () => {
  it('that makes no sense is refused at the start', async () => {
    const { code, said } = await runToEnd({ DATABASE_URL: 'sqlite:data/unused.db' }, ['--role', 'sender']);
    assert.equal(code, 1, said);
    assert.match(said, /^Hookloom cannot start: .*\n {2}- --role is "sender"; it must be one of all, api, worker/);
  });

  it('worker serves its state and its metrics; everything else is 503 worker_only', async () => {
    const store = await postgresStore();
    await using worker = await startProgram({ DATABASE_URL: store.url }, ['--role', 'worker']);
    assert.doesNotMatch(worker.said(), /Operator token/);
    for (const path of ['/healthz', '/readyz', '/metrics'])
      assert.equal((await worker.call('GET', path, { token: null })).status, 200, path);
    for (const [method, path] of [
      ['POST', '/v1/webhook-events'],
      ['GET', '/openapi.json'],
      ['GET', '/nowhere'],
    ] as const) {
      const answer = await worker.call(method, path);
      assert.deepEqual([answer.status, answer.json.code], [503, 'worker_only'], path);
    }
    await worker.kill();
    await store.remove();
  });

  it('api delivers nothing itself, and wakes a worker elsewhere as soon as it has committed', async () => {
    const store = await postgresStore();
    await using receiver = await startReceiver();
    await using api = await startProgram({ DATABASE_URL: store.url }, ['--role', 'api']);
    const made = await api.call('POST', '/v1/webhook-endpoints', { body: { url: receiver.url, events: ['*'] } });
    assert.equal(made.status, 201, made.text);
    const publish = async (id: string): Promise<void> => {
      assert.equal((await api.call('POST', '/v1/webhook-events', { body: { id, type, data } })).status, 202);
    };
    await publish('before');
    const counted = async ({ call }: Program, name: string) => scrapeOf((await call('GET', '/metrics')).text).get(name);
    assert.equal(await counted(api, 'hookloom_backlog_deliveries'), 1);
    assert.equal(await counted(api, 'hookloom_lanes_leased'), 0);
    await using worker = await startProgram({ DATABASE_URL: store.url }, ['--role', 'worker']);
    await receiver.waitFor(1);
    const heard: string[] = [];
    const channel = await openChannel(store.url, (payload) => heard.push(payload), { warn: () => undefined });
    const endpointId = made.json.data.id;
    for (let round = 0; round < 20; round += 1) {
      const before = heard.length;
      await publish(`after-${round}`);
      await receiver.waitFor(round + 2);
      // The look-out would find it too, but later: the signal is what this is about.
      await until(() => heard.slice(before).some((payload) => payload.includes(endpointId)), 'the signal of a publish');
    }
    await channel.close();
    assert.equal(await counted(api, 'hookloom_attempts_total{outcome="delivered",reply="2xx"}'), 0);
    assert.equal(await counted(worker, 'hookloom_attempts_total{outcome="delivered",reply="2xx"}'), 21);
    await Promise.all([api.kill(), worker.kill()]);
    await store.remove();
  });

  it('of four processes that start at once on an empty PostgreSQL lets each migration run once', async () => {
    const store = await postgresStore();
    const programs = await Promise.all(
      ['api', 'api', 'worker', 'all'].map((role) => startProgram({ DATABASE_URL: store.url }, ['--role', role])),
    );
    for (const { call } of programs) assert.equal((await call('GET', '/readyz')).status, 200);
    const db = await store.open();
    const applied = await db.all<{ version: number }>('select version from schema_version order by version');
    const files = readdirSync(new URL('../../server/storage/migrations/', import.meta.url));
    const known = files.filter((file) => /^\d{3}_[a-z0-9_]+\.sql$/.test(file)).map((file) => Number(file.slice(0, 3)));
    assert.deepEqual(
      applied.map(({ version }) => version),
      known.sort((a, b) => a - b),
    );
    await db.close();
    await Promise.all(programs.map((program) => program.kill()));
    await store.remove();
  });

  it('a rolling restart of two api and two worker processes under publishing loses nothing and repeats nothing', async () => {
    const store = await postgresStore();
    await using receiver = await startReceiver((_, response) => setTimeout(() => response.writeHead(204).end(), 5));
    const start = (role: string) => startProgram({ DATABASE_URL: store.url }, ['--role', role]);
    const apis = await Promise.all([start('api'), start('api')]);
    const workers = await Promise.all([start('worker'), start('worker')]);
    for (let index = 0; index < 6; index += 1) {
      const body = { url: `${receiver.url}/${index}`, events: ['*'] };
      assert.equal((await apis[0]?.call('POST', '/v1/webhook-endpoints', { body }))?.status, 201);
    }

    const sent: string[] = [];
    let isOver = false;
    /** Publishes as the clients of a load balancer do: what a process refuses, or drops, goes to the next under the same id. */
    const publishing = Array.from({ length: 4 }, async (_, publisher) => {
      for (let count = 0; !isOver; count += 1) {
        const id = `${publisher}-${count}`;
        const body = { id, type, data };
        for (let turn = publisher; ; turn += 1) {
          const answer = await apis[turn % 2]?.call('POST', '/v1/webhook-events', { body }).catch(() => undefined);
          if (answer?.status === 202) break;
          assert.ok(answer === undefined || answer.status === 503, answer?.text);
        }
        sent.push(id);
      }
    });
    const restart = async (programs: Program[], index: number, role: string): Promise<void> => {
      const before = sent.length;
      await until(() => sent.length > before + 20, 'publishes before a restart');
      programs[index]?.signal('SIGTERM');
      const ended = await programs[index]?.ended;
      assert.equal(ended?.code, 0, ended?.said);
      programs[index] = await start(role);
    };
    try {
      for (const index of [0, 1]) {
        await restart(apis, index, 'api');
        await restart(workers, index, 'worker');
      }
    } finally {
      isOver = true;
      await Promise.all(publishing);
    }

    const arrived = arrivals(receiver, ({ path, json }) => `${path} ${json.id}`);
    await until(() => arrived().size === sent.length * 6, `${sent.length} events at six endpoints`, 40_000);
    const db = await store.open();
    await until(
      async () => (await db.get("select 1 as waits from delivery where status <> 'delivered'")) === undefined,
      'every delivery to settle',
    );
    assert.equal(receiver.received.length, arrived().size, 'none is repeated');
    await db.close();
    await Promise.all([...apis, ...workers].map((program) => program.kill()));
    await store.remove();
  });
});
