import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../server/id.ts';
import { makeEngine } from '../support/engine.ts';
import { startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const ENDPOINTS = 1000;
const EVENTS = 4;
const OTHER = 'tem_other';

for (const { name, make } of stores)
  describe(`fairness on ${name}`, () => {
    it('a team with a thousand busy endpoints leaves another team its share', async () => {
      const store = await make();
      const db = await openMigrated(store);
      const receiver = await startReceiver();
      const engine = makeEngine(db);
      try {
        await db.transaction((tx) =>
          tx.run('insert into team (id, name, created_at) values (?1, ?2, 0)', [OTHER, 'Other']),
        );
        for (let index = 0; index < ENDPOINTS; index += 1)
          await engine.addEndpoint({ url: `${receiver.url}/busy`, id: newId('ep') });
        await engine.addEndpoint({ url: `${receiver.url}/single`, team_id: OTHER });
        // Slow enough that all places are taken, whatever the machine.
        receiver.answer = (_, response) => setTimeout(() => response.writeHead(204).end(), 30);
        for (let index = 0; index < EVENTS; index += 1) await engine.publishSample('team.created');
        engine.worker.start();
        await until(() => receiver.received.length >= 600, 'the busy team to be under way');
        const data = engine.catalog.types.get('team.created')?.samples[0]?.data;
        for (let index = 0; index < 5; index += 1)
          await engine.publisher.publish({ teamId: OTHER, type: 'team.created', data, projectId: null });
        await until(() => receiver.received.filter(({ path }) => path === '/single').length === 5, 'the other team');
        const busy = receiver.received.filter(({ path }) => path === '/busy').length;
        assert.ok(
          busy < EVENTS * ENDPOINTS,
          `the other team was served while the busy one still had work (${busy} so far)`,
        );
        await until(() => receiver.received.length === EVENTS * ENDPOINTS + 5, 'the rest');
      } finally {
        await engine.worker.stop();
        await receiver.close();
        await db.close();
        await store.remove();
      }
    });
  });
