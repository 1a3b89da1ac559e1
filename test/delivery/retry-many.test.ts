import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { MOST_RETRIED, type RetryProgress, retryPage } from '../../server/delivery/retry-many.ts';
import type { Database } from '../../server/storage/database.ts';
import { type Engine, makeEngine, TEAM } from '../support/engine.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const BEGIN: RetryProgress = { startedAt: NOW, until: NOW, retried: 0, at: null, isDone: false, hasMore: false };

for (const { name, make } of stores)
  describe(`retrying pages of deliveries on ${name}`, () => {
    let store: Store;
    let db: Database;
    let engine: Engine;
    before(async () => {
      store = await make();
      db = await openMigrated(store);
      // Its worker is not started: what is made due stays where it is.
      engine = makeEngine(db);
    });
    after(async () => {
      await db.close();
      await store.remove();
    });

    /** Deliveries of as many events to one endpoint, in a status, made before and due after the retry. */
    const seed = async (count: number, status: string): Promise<string> => {
      const endpointId = await engine.addEndpoint({ url: 'http://127.0.0.1:9/' });
      await db.transaction((tx) =>
        tx.run(
          `insert into delivery (team_id, id, endpoint_id, event_id, type, dialect, status, due_at, attempt_count, created_at)
           with recursive n (i) as (select 1 as i union all select i + 1 from n where i < cast(?3 as bigint))
           select '${TEAM}', 'dlv_00' || cast(?1 as text) || '_' || (100000 + i), cast(?1 as text),
             'evt_' || cast(?1 as text) || '_' || i, 'team.created', 'standard', cast(?2 as text), ${NOW} + 60000, 1, ${NOW} - 60000
           from n where true`,
          [endpointId, status, count],
        ),
      );
      return endpointId;
    };
    const page = (endpointId: string, status: 'dead' | 'failed', progress: RetryProgress): Promise<RetryProgress> =>
      db.transaction(async (tx) => {
        const filter = { status, endpointId, until: progress.until };
        return (await retryPage(tx, TEAM, filter, progress, NOW)).progress;
      });
    const all = async (endpointId: string, status: 'dead' | 'failed'): Promise<RetryProgress> => {
      let progress = BEGIN;
      while (!progress.isDone) progress = await page(endpointId, status, progress);
      return progress;
    };
    const count = async (endpointId: string, condition: string): Promise<number> =>
      (
        await db.get<{ n: number }>(`select count(*) as n from delivery where endpoint_id = ?1 and ${condition}`, [
          endpointId,
        ])
      )?.n ?? 0;

    for (const status of ['dead', 'failed'] as const)
      it(`ends at ten thousand ${status} ones, says that there are more, and goes on from there when asked again`, async () => {
        const endpointId = await seed(MOST_RETRIED + 300, status);
        const first = await all(endpointId, status);
        assert.deepEqual([first.retried, first.hasMore], [MOST_RETRIED, true]);
        const second = await all(endpointId, status);
        assert.deepEqual([second.retried, second.hasMore], [300, false]);
        const third = await all(endpointId, status);
        assert.deepEqual([third.retried, third.hasMore], [0, false]);
        assert.equal(await count(endpointId, `due_at = ${NOW}`), MOST_RETRIED + 300);
        const lane = await db.get<{ next_due_at: number }>('select next_due_at from lane where endpoint_id = ?1', [
          endpointId,
        ]);
        assert.equal(lane?.next_due_at, NOW, 'the lane is armed');
      });

    it('retries each once when many ask at the same moment', async () => {
      const endpointId = await seed(600, 'dead');
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => all(endpointId, 'dead')));
      assert.equal(
        outcomes.reduce((sum, one) => sum + one.retried, 0),
        600,
      );
      assert.equal(await count(endpointId, 'replay_of is not null'), 600);
    });

    it('leaves alone what has failed again since it began', async () => {
      const endpointId = await seed(10, 'failed');
      await db.transaction((tx) =>
        tx.run(
          `insert into attempt (team_id, delivery_id, number, started_at, duration_ms)
           select team_id, id, 1, case when id < ?2 then 0 else cast(?3 as bigint) end, 1 from delivery where endpoint_id = ?1`,
          [endpointId, `dlv_00${endpointId}_100006`, NOW],
        ),
      );
      assert.equal((await all(endpointId, 'failed')).retried, 5);
    });
  });
