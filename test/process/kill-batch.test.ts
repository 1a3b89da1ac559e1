import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import type { Answer } from '../http/api.ts';
import { type Program, startProgram } from '../support/program.ts';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const BATCHES = 12;
const EVENTS = 250;

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;

/** Every event has a time of its own, by which it is known again: its id is the server's. */
const timeOf = (batch: number, index: number): string =>
  new Date(Date.UTC(2026, 4, 1) + batch * 1000 + index).toISOString();

function publish({ call }: Program, batch: number): Promise<Answer | undefined> {
  const events = Array.from({ length: EVENTS }, (_, index) => ({ type, data, created_at: timeOf(batch, index) }));
  const headers = { 'Idempotency-Key': `batch-${batch}` };
  // Without an answer the publisher knows nothing of the batch.
  return call('POST', '/v1/webhook-events/batch', { body: { events }, headers }).catch(() => undefined);
}

async function readFeed({ call }: Program): Promise<{ id: string; created_at: string }[]> {
  const events: { id: string; created_at: string }[] = [];
  for (let cursor = '0'; ; ) {
    const page = await call('GET', `/v1/webhook-events?after=${cursor}&limit=100`);
    if (page.json.data.length === 0) return events;
    events.push(...page.json.data);
    cursor = page.json.next_cursor;
  }
}

describe('kill -9 among batches under keys', { concurrency: true }, () => {
  for (const { name, make } of stores)
    it(`leaves none half done on ${name}: sent again, each event of each is there once, and what was answered is answered the same`, async () => {
      const store = await make();
      try {
        const first = await startProgram({ DATABASE_URL: store.url });
        const sent = Array.from({ length: BATCHES }, (_, batch) => publish(first, batch));
        await until(
          async () => (await first.call('GET', '/v1/webhook-events?limit=1')).json.data.length > 0,
          'the first events to be on disk',
        );
        await first.kill();
        const before = await Promise.all(sent);

        await using second = await startProgram({ DATABASE_URL: store.url });
        const known = (await readFeed(second)).length;
        assert.ok(known > 0 && known < BATCHES * EVENTS, `${known} events were on disk`);
        const after = await Promise.all(Array.from({ length: BATCHES }, (_, batch) => publish(second, batch)));
        for (const [batch, answer] of after.entries()) {
          assert.ok(
            answer?.json.data.every((entry: { status: number }) => entry.status === 202),
            answer?.text,
          );
          if (before[batch]?.status === 202) assert.equal(answer?.text, before[batch].text);
        }
        const wanted = after.flatMap((answer) => answer?.json.data.map((entry: { event: object }) => entry.event));
        const events = await readFeed(second);
        const byTime = (a: { created_at: string }, b: { created_at: string }) => (a.created_at < b.created_at ? -1 : 1);
        assert.deepEqual(events.toSorted(byTime), wanted);
        assert.equal(new Set(events.map((event) => event.created_at)).size, BATCHES * EVENTS);
      } finally {
        await store.remove();
      }
    });
});
