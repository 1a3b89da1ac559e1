import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { freePort } from '../../support/postgres-server.ts';
import type { Scenario } from '../scenario.ts';

/** How many attempts a process has open at most (docs/architecture.md): what one kill can repeat. */
export const IN_FLIGHT = 512;
/** Requests between two kills, so that each comes in the midst of work. */
const BETWEEN = 150;

/** The process is killed again and again while it takes events and delivers them. */
export const killSqlite: Scenario = {
  number: 2,
  fault: 'kill -9, again and again, mid-flight',
  passes: '0 lost; repeats <= kills x in-flight cap; integrity_check ok',
  stores: ['SQLite'],
  async play({ stage, scale }) {
    const kills = scale === 'full' ? 20 : 3;
    const port = await freePort();
    let program = await stage.start({ port });
    await stage.watch(program, '/ok/fast');
    await stage.watch(program, '/delay-20/slow');
    await stage.watch(program, '/gone-100/gone');
    const removed = await stage.watch(program, '/ok/removed');
    const publishing = await stage.publish([program.url], { perSecond: 400 });
    let seen = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await stage.received(seen + BETWEEN);
      if (kill === 1) await stage.unwatch(program, removed);
      await stage.kill(program);
      seen = stage.receipts().length;
      program = await stage.start({ port });
    }
    publishing.stop();
    await publishing.done;
    await stage.settle(program);
    const { answered, unanswered, again } = await stage.verdict(program);
    assert.ok(again <= kills * IN_FLIGHT, `${again} repeats after ${kills} kills`);
    assert.ok(unanswered > 0, 'no kill met a publish');
    await program.kill();
    const database = new DatabaseSync(stage.store.url.replace('sqlite:', ''));
    const integrity = database.prepare('pragma integrity_check').all();
    database.close();
    assert.deepEqual(
      integrity.map((row) => row.integrity_check),
      ['ok'],
    );
    return `${kills} kills, ${answered} events answered and ${unanswered} not, 0 lost, ${again} repeated, integrity ok`;
  },
};
