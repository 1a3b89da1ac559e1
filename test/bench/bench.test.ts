import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countAtReceiver } from '../../bench/counting.ts';
import { choose } from '../../bench/measures/measures.ts';
import { measurePublishing, singlePublishes } from '../../bench/publishing.ts';
import { asMarkdown } from '../../bench/report.ts';
import { nearness } from '../../bench/rows.ts';
import { seedPending } from '../../bench/seed.ts';
import { startBench } from '../../bench/start-bench.ts';
import { sqliteStore } from '../../bench/store.ts';

test('a server delivers what was seeded before its start, and what the load publishes', async () => {
  const bench = await startBench(sqliteStore());
  try {
    const seeded = await countAtReceiver(bench.receiver, [20], 20_000);
    const pending = () => ({
      name: 'seeded',
      url: bench.receiverUrl,
      endpoints: 4,
      deliveriesPerEndpoint: 5,
      endpointsPerEvent: 2,
      dueAt: Date.now() - 10,
      spanMs: 10,
    });
    const values = await bench.withServer(
      async (server) => {
        await seeded(0);
        await server.addEndpoint(bench.sample.type, bench.receiverUrl, 'prj_0');
        return measurePublishing(bench, server, 'few', singlePublishes([bench.sample.bodyFor('prj_0')], 20, 1));
      },
      (url) => seedPending(url, bench.sample, [pending]),
    );
    assert.ok((values['few.rate'] ?? 0) > 0 && (values['few.accepted'] ?? 0) > 0, JSON.stringify(values));
  } finally {
    bench.stop();
  }
});

test('choosing a measure chooses what it is compared with, before it', () => {
  assert.deepEqual(
    choose(['batch']).map(({ name }) => name),
    ['raw', 'single', 'batch'],
  );
  assert.throws(() => choose(['fast']), /no measure "fast"; there are raw, single/);
});

test('a report says of each mark whether it was reached, or how near it came', () => {
  assert.equal(nearness(0.27, 0.3, 'more'), '90 %');
  assert.equal(nearness(0.31, 0.3, 'more'), 'yes');
  assert.equal(nearness(12, 10, 'less'), '83 %');
  const text = asMarkdown({
    store: 'sqlite',
    surroundings: {
      date: '2026-01-02T03:04:05.000Z',
      machine: '',
      system: '',
      node: '',
      store: '',
      event: '',
      'fdatasync of 4 KB': '',
    },
    runs: 3,
    each: [],
    medians: { 'ten.ratio': 0.66, 'ten.rate': 12_345 },
    absent: { batch: 'not there' },
  });
  assert.match(text, /\| 0\.66 \| ≥ 0\.60 \| ≥ 0\.75 \| required: yes, goal: 88 % \|/);
  assert.match(text, /\| ≥ 1\.50x \| ≥ 1\.80x \| not there \|/);
  assert.match(text, /\| ten\.rate \| 12,345 \|/);
});
