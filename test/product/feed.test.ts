import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Api, startApi } from '../http/api.ts';
import { postgresStore, type Store, stores } from '../support/stores.ts';

/** What a consumer without a public URL does: asks for what is after its last cursor, until nothing more is published. */
async function consume(api: Api, query: string, isOver: () => boolean): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '0';
  for (;;) {
    const wasOver = isOver();
    const answer = await api.call('GET', `/v1/webhook-events?after=${cursor}&limit=40&wait=1${query}`);
    assert.equal(answer.status, 200, answer.text);
    if (answer.json.data.length === 0 && wasOver) return ids;
    ids.push(...answer.json.data.map((event: { id: string }) => event.id));
    cursor = answer.json.next_cursor;
  }
}

/** Publishes events one by one, every fifth time twenty at once; answers with their ids. */
async function publish(api: Api, prefix: string, rounds: number): Promise<string[]> {
  const sample = api.hookloom.catalog.types.get('member.joined')?.samples[0] ?? assert.fail();
  const ids: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const event = (index: number) => {
      const id = `${prefix}-${round}-${index}`;
      ids.push(id);
      return { id, type: 'member.joined', data: sample.data, project_id: round % 2 === 0 ? 'prj_even' : 'prj_odd' };
    };
    const isBatch = round % 5 === 4;
    const body = isBatch ? { events: Array.from({ length: 20 }, (_, index) => event(index)) } : event(0);
    const answer = await api.call('POST', `/v1/webhook-events${isBatch ? '/batch' : ''}`, { body });
    assert.equal(answer.status, 202, answer.text);
  }
  return ids;
}

/** Publishers side by side through each of the servers, with a consumer at each meanwhile. */
async function runThem(servers: Api[]): Promise<void> {
  const publishers = servers.flatMap((api, server) =>
    Array.from({ length: 8 }, (_, publisher) => publish(api, `own-${server}-${publisher}`, 25)),
  );
  const total = publishers.length * (20 + 5 * 20);
  let isOver = false;
  const consumers = servers.flatMap((api) =>
    ['', '&project_id=prj_even'].map((query) => consume(api, query, () => isOver)),
  );
  const published = (await Promise.all(publishers)).flat();
  isOver = true;
  assert.equal(published.length, total);
  const feeds = await Promise.all(consumers);
  for (const [index, ids] of feeds.entries()) {
    const wanted = index % 2 === 0 ? published : published.filter((id) => Number(id.split('-')[3]) % 2 === 0);
    assert.equal(ids.length, new Set(ids).size, 'nothing comes twice');
    assert.deepEqual(ids.toSorted(), wanted.toSorted(), 'nothing is missed');
    assert.deepEqual(ids, feeds[index % 2], 'every consumer sees the same order');
  }
  // What one publisher did one after the other stands in that order.
  const one = feeds[0]?.filter((id) => id.startsWith('own-0-0-')).map((id) => Number(id.split('-')[3]));
  assert.deepEqual(
    one,
    one?.toSorted((a, b) => a - b),
  );
}

describe('a feed that is read while many publish', () => {
  for (const { name, make } of stores)
    it(`misses nothing and repeats nothing on ${name}`, async () => {
      await using api = await startApi({ store: await make() });
      await runThem([api]);
    });

  it('misses nothing and repeats nothing when two processes share a PostgreSQL', async () => {
    const store = await postgresStore();
    const shared: Store = { ...store, remove: async () => undefined };
    try {
      await using first = await startApi({ store: shared });
      await using second = await startApi({ store: shared });
      await runThem([first, second]);
    } finally {
      await store.remove();
    }
  });

  it('tells what another process committed within moments', async () => {
    const store = await postgresStore();
    const shared: Store = { ...store, remove: async () => undefined };
    try {
      await using first = await startApi({ store: shared });
      await using second = await startApi({ store: shared });
      const waiting = first.call('GET', '/v1/webhook-events?after=0&wait=30');
      const [id] = await publish(second, 'elsewhere', 1);
      const { data } = (await waiting).json;
      assert.deepEqual(
        data.map((event: { id: string }) => event.id),
        [id],
      );
    } finally {
      await store.remove();
    }
  });
});
