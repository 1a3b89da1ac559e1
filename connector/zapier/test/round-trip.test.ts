import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loadCatalog } from '../../../server/catalog/load.ts';
import { createApp } from '../src/app.ts';
import { roundTrip, type Stage, setStage } from './support/round-trip.ts';

// The second catalog has nothing to do with memberships: no trigger is written by hand.
for (const { path, triggers } of [
  { path: 'events.json', triggers: 77 },
  { path: 'test/fixtures/parcels.json', triggers: 4 },
]) {
  describe(`the triggers made from ${path}`, () => {
    const { document } = loadCatalog(path);
    const app = createApp(document);
    const eventTypes = document.events.filter((eventType) => eventType.has_trigger);
    let stage: Stage;
    before(async () => {
      stage = await setStage(path);
    });
    after(() => stage[Symbol.asyncDispose]());

    test(`there are ${triggers}`, () => {
      assert.equal(eventTypes.length, triggers);
      assert.deepEqual(
        Object.keys(app.triggers),
        eventTypes.map((eventType) => eventType.key),
      );
    });

    for (const eventType of eventTypes) {
      test(`${eventType.name}: what a hook receives is what the samples show, until it is unsubscribed`, () =>
        roundTrip(app, stage, eventType));
    }
  });
}
