import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execute } from '../support/execute.ts';
import { type Store, stores } from '../support/stores.ts';
import { type Answer, startApi } from './api.ts';
import { publishable } from './samples.ts';

/** Makes the database refuse events with this id, beside the server, and takes them again. */
const POISON: Record<Store['name'], { set: string; lift: string }> = {
  SQLite: {
    set: "create trigger poison before insert on event when new.id = 'poison' begin select raise(abort, 'poison'); end",
    lift: 'drop trigger poison',
  },
  PostgreSQL: {
    set: "alter table event add constraint poison check (id <> 'poison')",
    lift: 'alter table event drop constraint poison',
  },
};

for (const { name, make } of stores)
  describe(`a batch with an event that the database on ${name} refuses`, () => {
    test('loses only that one, and under its key goes on from there without publishing the others again', async () => {
      const store = await make();
      await using api = await startApi({ store });
      const { body } = publishable(api);
      const events = Array.from({ length: 40 }, (_, index) => (index === 20 ? { ...body, id: 'poison' } : body));
      const publish = (): Promise<Answer> =>
        api.call('POST', '/v1/webhook-events/batch', { body: { events }, headers: { 'Idempotency-Key': 'poisoned' } });

      await execute(store, POISON[store.name].set);
      const first = await publish();
      assert.equal(first.status, 202, first.text);
      const rejected = first.json.data.filter((entry: { status: number }) => entry.status !== 202);
      assert.equal(rejected.length, 1);
      assert.deepEqual([first.json.data[20].status, first.json.data[20].problem.code], [500, 'internal_error']);
      assert.ok(!first.text.includes('raise') && !first.text.includes('constraint'), 'particulars are not told');

      await execute(store, POISON[store.name].lift);
      const second = await publish();
      assert.equal(second.json.data[20].event.id, 'poison');
      assert.equal(second.headers.get('idempotency-replayed'), null, 'not all of it is repeated');
      for (const [index, entry] of second.json.data.entries())
        if (index !== 20) assert.deepEqual(entry, first.json.data[index]);
      const third = await publish();
      assert.equal(third.text, second.text);
      assert.equal(third.headers.get('idempotency-replayed'), 'true');
      assert.equal((await api.call('GET', '/v1/webhook-events?limit=100')).json.data.length, 40);
    });
  });
