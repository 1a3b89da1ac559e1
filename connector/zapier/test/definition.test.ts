import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { loadCatalog } from '../../../server/catalog/load.ts';
import { createApp } from '../src/app.ts';
import shipped from '../src/index.ts';
import type { AppDefinition } from '../src/lint/definition.ts';
import { lintDefinition } from '../src/lint-definition.ts';
import { serialiseApp, validateApp, type ZapierApp } from './support/run-app.ts';

const apps: { name: string; app: ZapierApp; triggers: number }[] = [
  { name: 'the app that is pushed', app: shipped, triggers: 77 },
  {
    name: 'the app of another catalog',
    app: createApp(loadCatalog('test/fixtures/parcels.json').document),
    triggers: 4,
  },
];

for (const { name, app, triggers } of apps) {
  describe(name, () => {
    let definition: AppDefinition;
    before(async () => {
      definition = await serialiseApp(app);
    });

    test('is valid by Zapier’s own schema', async () => {
      assert.deepEqual(await validateApp(app), []);
    });

    test('passes the published checks that local validation leaves out', () => {
      assert.deepEqual(lintDefinition(definition), []);
    });

    test(`has ${triggers} triggers, each in full`, () => {
      const all = Object.values(definition.triggers ?? {});
      assert.equal(all.length, triggers);
      for (const { operation } of all) {
        assert.equal(operation.type, 'hook');
        assert.ok(operation.sample && operation.outputFields && operation.inputFields);
      }
    });
  });
}

test('a trigger is worded and keyed as the catalog says', () => {
  const { document } = loadCatalog('test/fixtures/parcels.json');
  const { key, noun, display } = createApp(document).triggers.parcel_delivered ?? {};
  assert.deepEqual(
    { key, noun, display },
    {
      key: 'parcel_delivered',
      noun: 'Parcel',
      display: { label: 'Parcel Delivered', description: 'Triggers when a parcel reaches its recipient.' },
    },
  );
});

test('built-in and reserved event types have no trigger', () => {
  const { document } = loadCatalog('events.json');
  const without = document.events.filter((eventType) => !Object.hasOwn(shipped.triggers, eventType.key));
  assert.ok(without.some((eventType) => eventType.set === 'system'));
  assert.ok(without.every((eventType) => eventType.set === 'system' || eventType.status === 'reserved'));
});
