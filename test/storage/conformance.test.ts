import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Database } from '../../server/storage/database.ts';
import { DatabaseTooNew, migrate } from '../../server/storage/migrate.ts';
import { inChunks, insertInto, overRows } from '../../server/storage/rows.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

for (const { name, make } of stores) {
  describe(`a store: ${name}`, () => {
    let store: Store;
    let db: Database;

    before(async () => {
      store = await make();
      db = await openMigrated(store);
      await db.transaction((tx) =>
        tx.script('create table note (id text primary key, size bigint, body text); create table other (id text)'),
      );
    });
    after(async () => {
      await db.close();
      await store.remove();
    });

    it('gives integers back as numbers, text as text and nothing as null', async () => {
      await db.transaction((tx) =>
        tx.run('insert into note (id, size, body) values (?1, ?2, ?3)', ['types', 1_777_636_805_100, null]),
      );
      const row = await db.get('select id, size, body, count(*) over () as n from note where id = ?1', ['types']);
      assert.deepEqual({ ...row }, { id: 'types', size: 1_777_636_805_100, body: null, n: 1 });
    });

    it('takes parameters by their numbers, in any order and more than once', async () => {
      const sql = 'select cast(?2 as text) as a, cast(?1 as bigint) as b, cast(?2 as text) as c, cast(?3 as text) as d';
      for (const found of [
        await db.get(sql, [7, 'two', null]),
        (await db.transaction((tx) => tx.all(sql, [7, 'two', null])))[0],
      ])
        assert.deepEqual({ ...found }, { a: 'two', b: 7, c: 'two', d: null });
      await db.transaction((tx) =>
        tx.run('insert into note (id, size, body) values (?2, ?1, ?2)', [12, 'same text in two places']),
      );
      const row = await db.get('select size, body from note where id = ?1', ['same text in two places']);
      assert.deepEqual({ ...row }, { size: 12, body: 'same text in two places' });
    });

    it('rolls everything back when the work throws', async () => {
      await assert.rejects(
        db.transaction(async (tx) => {
          await tx.run('insert into note (id) values (?1)', ['undone']);
          throw new Error('no');
        }),
        /no/,
      );
      assert.equal(await db.get('select 1 as found from note where id = ?1', ['undone']), undefined);
    });

    it('does not show what is not committed', async () => {
      await db.transaction(async (tx) => {
        await tx.run('insert into note (id) values (?1)', ['hidden']);
        assert.equal(await db.get('select 1 as found from note where id = ?1', ['hidden']), undefined);
        assert.ok(await tx.get('select 1 as found from note where id = ?1', ['hidden']));
      });
      assert.ok(await db.get('select 1 as found from note where id = ?1', ['hidden']));
    });

    it('tells how many rows a statement changed', async () => {
      const changed = await db.transaction(async (tx) => {
        await tx.run("insert into other (id) values ('a'), ('b'), ('c')");
        return tx.run("update other set id = id || 'x' where id < 'c'");
      });
      assert.equal(changed, 2);
    });

    it('tells what failed first, though a statement sent with it is heard of before', async () => {
      await db.transaction((tx) => tx.run("insert into note (id) values ('taken')"));
      await assert.rejects(
        db.transaction(async (tx) => {
          const written = tx.run("insert into note (id) values ('taken')");
          written.catch(() => undefined);
          await tx.get('select count(*) as n from note');
          await written;
        }),
        /unique/i,
      );
    });

    it('runs many transactions at once without losing an update', async () => {
      await db.transaction((tx) => tx.run("insert into note (id, size) values ('counter', 0)"));
      await Promise.all(
        Array.from({ length: 50 }, () =>
          db.transaction((tx) => tx.run("update note set size = size + 1 where id = 'counter'")),
        ),
      );
      assert.equal((await db.get<{ size: number }>("select size from note where id = 'counter'"))?.size, 50);
    });

    it('keeps texts and numbers of many rows as they are', async () => {
      const insert = insertInto('note', { id: 'text', size: 'bigint' });
      const texts = ['', 'NULL', '{"a,b"}', "it's", '\\', 'ünï — 漢字 😀', ' \n\t', 'x'.repeat(100_000)];
      const numbers = [0, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, null];
      await db.transaction((tx) =>
        insert(
          tx,
          texts.map((text, index) => [`kept-${text}`, numbers[index] ?? null]),
        ),
      );
      const found = await db.all<{ id: string; size: number | null }>(
        "select id, size from note where id like 'kept-%'",
      );
      assert.deepEqual(
        new Map(found.map(({ id, size }) => [id, size])),
        new Map(texts.map((text, index) => [`kept-${text}`, numbers[index] ?? null])),
      );
    });

    it('inserts any number of rows, and reads through any number of them', async () => {
      const insert = insertInto('note', { id: 'text', size: 'bigint' });
      const rows = Array.from({ length: 147 }, (_, index) => [`row-${index}`, index]);
      await db.transaction((tx) => insert(tx, rows));
      const found = await db.transaction((tx) =>
        inChunks<{ size: number }>(
          tx,
          rows.map(([id]) => [id ?? '']),
          overRows(
            ['text'],
            (from) =>
              `with wanted (id) as (${from}) select n.size as size from wanted w join note n on n.id = w.id where n.size >= ?1`,
            1,
          ),
          [0],
        ),
      );
      assert.equal(found.length, 147);
      assert.equal(
        found.reduce((sum, row) => sum + row.size, 0),
        (146 * 147) / 2,
      );
    });

    it('applies its migrations once', async () => {
      await migrate(db);
      const rows = await db.all('select version from schema_version');
      assert.equal(rows.length, new Set(rows.map((row) => JSON.stringify(row))).size);
    });

    it('refuses a database that is newer than the program', async () => {
      await db.transaction((tx) => tx.run('insert into schema_version (version) values (999)'));
      await assert.rejects(migrate(db), (error) => error instanceof DatabaseTooNew && /999/.test(error.message));
      await db.transaction((tx) => tx.run('delete from schema_version where version = 999'));
    });
  });
}
