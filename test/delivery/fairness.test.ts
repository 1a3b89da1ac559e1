import { describe, it } from 'node:test';
import { newId } from '../../server/id.ts';
import { makeEngine } from '../support/engine.ts';
import { startReceiver } from '../support/receiver.ts';
import { openMigrated, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const ENDPOINTS = 1000;
/** A busy machine is slow, and that is not what is tested. */
const PATIENCE_MS = 60_000;
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
        // The busy team's receivers answer only when the other team has been served, so that every place is taken until then.
        const held: (() => void)[] = [];
        let isServed = false;
        receiver.answer = ({ path }, response) => {
          const answer = () => response.writeHead(204).end();
          if (path === '/single' || isServed) answer();
          else held.push(answer);
        };
        await engine.publishSample('team.created');
        engine.worker.start();
        await until(() => held.length >= 512, 'the busy team to take every place', PATIENCE_MS);
        const data = engine.catalog.types.get('team.created')?.samples[0]?.data;
        for (let index = 0; index < 5; index += 1)
          await engine.publisher.publish({ teamId: OTHER, type: 'team.created', data, projectId: null });
        const single = () => receiver.received.filter(({ path }) => path === '/single').length;
        await until(() => single() === 5, 'the other team to be served', PATIENCE_MS);
        isServed = true;
        for (const answer of held) answer();
        const delivered = async () => (await engine.deliveries()).filter(({ status }) => status === 'delivered').length;
        await until(async () => (await delivered()) === ENDPOINTS + 5, 'the rest', PATIENCE_MS);
      } finally {
        await engine.worker.stop();
        await receiver.close();
        await db.close();
        await store.remove();
      }
    });
  });
