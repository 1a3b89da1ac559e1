import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLog } from '../../server/observe/log.ts';
import { FeedWatch } from '../../server/publish/feed-watch.ts';
import type { Database } from '../../server/storage/database.ts';
import { takeSeqs } from '../../server/storage/publishing.ts';
import { TEAM } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

const NEVER = new AbortController().signal;

for (const { name, make } of stores)
  describe(`waiting in a feed on ${name}`, () => {
    let store: Store;
    let db: Database;
    before(async () => {
      store = await make();
      db = await openMigrated(store);
    });
    after(async () => {
      await db.close();
      await store.remove();
    });
    const setUp = (): { clock: FakeClock; feed: FeedWatch } => {
      const clock = new FakeClock();
      return { clock, feed: new FeedWatch({ db, clock, log: createLog('silent') }) };
    };

    it('is told of what was committed before it began to wait', async () => {
      const { feed } = setUp();
      const watching = feed.watch(TEAM);
      feed.ring(TEAM);
      assert.equal(await watching.next(0, 30_000, NEVER), true);
    });

    it('ends in vain when the time is over, and is not told of another team', async () => {
      const { feed, clock } = setUp();
      const watching = feed.watch('no_team');
      const waiting = watching.next(0, 30_000, NEVER);
      feed.ring(TEAM);
      await clock.advance(29_999);
      let isOver = false;
      void waiting.then(() => {
        isOver = true;
      });
      await clock.advance(0);
      assert.equal(isOver, false);
      await clock.advance(1);
      assert.equal(await waiting, false);
    });

    it('is told of what another process committed when it looks again', async () => {
      const { feed, clock } = setUp();
      const watching = feed.watch(TEAM);
      const seq = await db.transaction((tx) => takeSeqs(tx, TEAM, 1));
      const waiting = watching.next(seq, 30_000, NEVER);
      let told: boolean | undefined;
      void waiting.then((news) => {
        told = news;
      });
      await clock.advance(1000);
      assert.equal(told, undefined);
      await db.transaction((tx) => takeSeqs(tx, TEAM, 1));
      await clock.advanceUntil(() => told !== undefined, 'the other process to be seen');
      assert.equal(told, true);
    });

    it('is told at most every 50 ms, so that a filter that lets nothing through does not look at every commit', async () => {
      const { feed, clock } = setUp();
      const watching = feed.watch('no_team');
      let told = 0;
      const reading = (async () => {
        while (await watching.next(0, 1000, NEVER)) told += 1;
      })();
      for (let ms = 0; ms < 200; ms += 1) {
        feed.ring('no_team');
        await clock.advance(1);
      }
      assert.ok(told >= 3 && told <= 5, `${told} times`);
      await clock.advance(2000);
      await reading;
    });

    it('ends when its caller hangs up, and when the server stops', async () => {
      const { feed } = setUp();
      const hangUp = new AbortController();
      const first = feed.watch(TEAM);
      const second = feed.watch(TEAM);
      const waiting = [first.next(0, 30_000, hangUp.signal), second.next(0, 30_000, NEVER)];
      assert.equal(feed.readers, 2);
      hangUp.abort();
      assert.equal(await waiting[0], false);
      first.close();
      assert.equal(feed.readers, 1);
      feed.stop();
      assert.equal(await waiting[1], false);
      assert.equal(await second.next(0, 30_000, NEVER), false, 'nobody begins to wait any more');
      second.close();
      assert.equal(feed.readers, 0);
    });
  });
