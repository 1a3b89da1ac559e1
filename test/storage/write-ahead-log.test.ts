import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { it } from 'node:test';
import { sqliteStore } from '../support/stores.ts';

const MB = 1024 * 1024;

it("SQLite's log stays short while somebody writes without a pause", async () => {
  const store = await sqliteStore();
  const db = await store.open();
  try {
    await db.transaction((tx) => tx.script('create table note (id integer primary key, body text)'));
    const body = 'x'.repeat(MB);
    const write = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1)
        await db.transaction((tx) => tx.run('insert into note (body) values (?1)', [body]));
    };
    // Two at a time, so that the writer always has something to do.
    await Promise.all([write(150), write(150)]);
    const { size } = statSync(`${new URL(store.url).pathname}-wal`);
    assert.ok(size < 100 * MB, `300 MB were written, and the log has ${Math.round(size / MB)} MB`);
  } finally {
    await db.close();
    await store.remove();
  }
});
