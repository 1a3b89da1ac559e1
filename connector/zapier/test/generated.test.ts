import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../../server/catalog/load.ts';
import committed from '../generated/catalog.json' with { type: 'json' };

test('the generated catalog is what a server publishes for events.json', () => {
  const { document } = loadCatalog('events.json');
  assert.equal(
    committed.hash,
    document.hash,
    'it differs: run `node connector/zapier/generate.ts` and commit the result',
  );
  assert.equal(JSON.stringify(committed), JSON.stringify(document));
});
