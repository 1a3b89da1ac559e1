import assert from 'node:assert/strict';
import { it } from 'node:test';
import { StorageUnavailable } from '../../server/storage/database.ts';
import { openMigrated, postgresStore } from '../support/stores.ts';

it('a process that falls silent within a transaction on PostgreSQL keeps nobody waiting for longer than a few seconds', async () => {
  const store = await postgresStore();
  // Two pools, as of two processes.
  const [silent, other] = [await openMigrated(store), await store.open()];
  try {
    let goOn = (): void => undefined;
    let hasLocked = (): void => undefined;
    const locked = new Promise<void>((resolve) => {
      hasLocked = resolve;
    });
    const cutOff = silent.transaction(async (tx) => {
      await tx.run("update team set name = 'silent' where id = 'default'");
      hasLocked();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await tx.run("update team set name = 'too late' where id = 'default'");
    });
    await locked;
    const startedAt = performance.now();
    await other.transaction((tx) => tx.run("update team set name = 'other' where id = 'default'"));
    const waited = performance.now() - startedAt;
    assert.ok(waited < 10_000, `the other one waited ${waited} ms`);
    goOn();
    await assert.rejects(cutOff, StorageUnavailable);
    assert.deepEqual(await other.get("select name from team where id = 'default'"), { name: 'other' });
  } finally {
    await silent.close();
    await other.close();
    await store.remove();
  }
});
