import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Database } from '../../server/storage/database.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openMigrated, type Store, sqliteStore } from '../support/stores.ts';
import type { Answer } from './answer.ts';
import { World } from './world.ts';

/** Set these to search elsewhere, or longer; a failure prints its seed and its path. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_260_501);
const RUNS = Number(process.env.PROPERTY_RUNS ?? 60);

const index = fc.nat({ max: 1 });
const answer = fc.constantFrom<Answer>('takes', 'fails', 'resets', 'times out', 'is overloaded', 'is gone');
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ publish: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ answer: index, with: fc.array(answer, { minLength: 1, maxLength: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 20, max: 9000 }) }) },
  { weight: 1, arbitrary: fc.record({ crash: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ pause: index }) },
  { weight: 2, arbitrary: fc.record({ resume: index, held: fc.constantFrom('deliver' as const, 'discard' as const) }) },
  { weight: 1, arbitrary: fc.record({ retry: index }) },
  { weight: 1, arbitrary: fc.record({ delete: index }) },
  { weight: 1, arbitrary: fc.record({ moveClock: fc.integer({ min: -20_000, max: 40_000 }) }) },
);

describe('the life of a delivery', () => {
  let store: Store;
  let db: Database;
  const clock = new FakeClock();
  before(async () => {
    store = await sqliteStore();
    db = await openMigrated(store);
  });
  after(async () => {
    await db.close();
    await store.remove();
  });

  it('loses no event and makes no attempt after a final state, whatever receivers, crashes, owners and clocks do', async () => {
    const property = fc.asyncProperty(
      fc.array(action, { minLength: 8, maxLength: 30, size: 'max' }),
      async (actions) => {
        const world = new World(db, clock);
        try {
          await world.addEndpoint(false);
          await world.addEndpoint(true);
          for (const one of actions) {
            if ('publish' in one) await world.publish(one.publish);
            else if ('answer' in one) world.answer(one.answer, one.with);
            else if ('pass' in one) await world.pass(one.pass);
            else if ('crash' in one) world.crash();
            else if ('pause' in one) await world.change(one.pause, { state: 'paused' });
            else if ('resume' in one) await world.change(one.resume, { state: 'active', held: one.held });
            else if ('retry' in one) await world.retry(one.retry);
            else if ('delete' in one) await world.delete(one.delete);
            else world.moveClock(one.moveClock);
            await world.check();
          }
          await world.end();
        } finally {
          await world.dispose();
        }
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});
