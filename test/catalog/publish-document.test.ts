import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { loadCatalog } from '../../server/catalog/load.ts';
import type { PublishedCatalog } from '../../server/catalog/types.ts';
import { parcelsPath, shippedPath } from './catalogs.ts';

function freshAjv(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true });
  ajvFormats.default(ajv);
  return ajv;
}

for (const path of [shippedPath, parcelsPath]) {
  const name = path.split(/[/\\]/).at(-1);
  const bytes = JSON.stringify(loadCatalog(path).document);
  const document = JSON.parse(bytes) as PublishedCatalog;

  test(`${name}: every schema compiles alone, straight from the bytes, and holds every sample`, () => {
    const envelope = freshAjv().compile(document.envelope);
    for (const event of document.events) {
      const validate = freshAjv().compile(event.schema);
      assert.notEqual(event.samples.length, 0, event.name);
      for (const sample of event.samples) {
        assert.ok(envelope(sample), JSON.stringify(envelope.errors));
        assert.ok(validate(sample.data), `${event.name}: ${JSON.stringify(validate.errors)}`);
        assert.deepEqual(Object.keys(sample), ['id', 'type', 'created_at', 'api_version', 'project_id', 'data']);
        assert.equal(sample.type, event.name);
        assert.equal(sample.api_version, document.api_version);
      }
    }
  });

  test(`${name}: all schemas of the document compile side by side in one validator`, () => {
    const ajv = freshAjv();
    for (const event of document.events) ajv.compile(event.schema);
    for (const schema of Object.values(document.$defs)) ajv.compile({ ...schema, $defs: document.$defs });
  });

  test(`${name}: the hash is that of the content, and the same each time`, () => {
    const { hash, ...content } = document;
    assert.equal(createHash('sha256').update(JSON.stringify(content)).digest('hex'), hash);
    const again = loadCatalog(path);
    assert.equal(JSON.stringify(again.document), bytes);
    assert.equal(again.hash, hash);
  });

  test(`${name}: counts per set add up, and built-in types are there without a trigger`, () => {
    const { counts, events, families } = document;
    assert.equal(counts.total, events.length);
    for (const set of ['core', 'extended', 'system'] as const) {
      assert.equal(events.filter((event) => event.set === set).length, counts[set]);
      assert.equal(
        Object.values(families).reduce((sum, family) => sum + family.counts[set], 0),
        counts[set],
      );
    }
    const builtIn = events.find((event) => event.name === 'webhook.test');
    assert.equal(builtIn?.has_trigger, false);
    assert.equal(builtIn?.publishable, false);
  });

  test(`${name}: each event type says its key and where its schema and samples are`, () => {
    const keys = new Set<string>();
    for (const event of document.events) {
      keys.add(event.key);
      assert.match(event.key, /^[a-zA-Z]+[a-zA-Z0-9_]*$/);
      assert.equal(event.links.schema, `/v1/event-types/${event.name}/schema`);
      assert.equal(event.links.samples, `/v1/event-types/${event.name}/samples`);
    }
    assert.equal(keys.size, document.events.length);
  });
}
