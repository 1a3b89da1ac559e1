import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { BOTH, type Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

/** Events of which the row breaks a constraint, in the midst of others. */
export const brokenRow: Scenario = {
  number: 16,
  fault: 'a group with one row that breaks a constraint',
  passes: 'only that item fails; the others of its group commit are answered and delivered',
  stores: BOTH,
  async play({ stage, scale }) {
    const program = await stage.start();
    await stage.watch(program, '/ok/kept');
    await forbidBroken(stage.store);
    const count = scale === 'full' ? 3000 : 300;
    const publishing = await Promise.all([
      stage.publish([program.url], { prefix: 'sound', count, connections: 64 }),
      stage.publish([program.url], { prefix: 'broken', count: 10, connections: 1 }),
    ]);
    await Promise.all(publishing.map((one) => one.done));
    await stage.settle(program);
    const replies = stage.client().filter((one) => one.entry === 'replied');
    const refused = replies.filter((one) => one.status !== 202);
    assert.deepEqual(
      refused.map(({ id, status, code }) => [id.split('-')[0], status, code]),
      Array.from({ length: 10 }, () => ['broken', 500, 'internal_error']),
    );
    const { answered, again } = await stage.verdict(program);
    assert.deepEqual([answered, again], [count, 0]);
    return `${refused.length} broken events refused, ${answered} others answered and delivered once`;
  },
};

/** Makes the database refuse events named `broken-…`, as a constraint would. */
async function forbidBroken({ url }: Stage['store']): Promise<void> {
  const path = /^sqlite:(.+)/.exec(url)?.[1];
  if (path !== undefined) {
    const database = new DatabaseSync(path);
    database.exec(`create trigger no_broken before insert on event when new.id like 'broken-%'
      begin select raise(abort, 'CHECK constraint failed: no_broken'); end`);
    database.close();
    return;
  }
  const client = new pg.Client(url);
  await client.connect();
  await client.query("alter table event add constraint no_broken check (id not like 'broken-%')");
  await client.end();
}
