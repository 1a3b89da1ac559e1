import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Database } from '../../server/storage/database.ts';
import { openMigrated, type Store, stores } from '../support/stores.ts';

/** Tables that do not grow with the work, and are looked up otherwise. They are small enough to stand on every node. */
const COLD: Record<string, string> = {
  team: 'is itself the team',
  token: 'who calls is known by the hash of a token, before the team is',
  chore: 'is for the whole installation',
  rate_limit: 'counts by token, whichever team it is of',
  vault_key: 'is for the whole installation',
  schema_version: 'is for the whole installation',
};

/** Indexes that workers find lanes by, whichever team they are of: they hold only what is due, or leased, at this moment. */
const ACROSS_TEAMS: Record<string, string> = {
  lane_due: 'the look-out asks which lanes are due',
  lane_owned: 'a worker renews, and others reap, all leases of an owner',
};

for (const { name, make } of stores)
  describe(`the tables on ${name} can be distributed by team, so`, () => {
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

    it('every index of a hot table, its primary key among them, begins with team_id, but for those of the look-out', async () => {
      const indexes = (await (db.engine === 'sqlite' ? readSqlite(db) : readPostgres(db))).filter(
        (index) => !(index.table in COLD),
      );
      const others = indexes.filter((index) => index.first !== 'team_id').map((index) => index.name);
      assert.deepEqual([...new Set(others)].sort(), Object.keys(ACROSS_TEAMS));
      const withKey = new Set(indexes.filter((index) => index.isPrimary).map((index) => index.table));
      assert.deepEqual([...withKey].sort(), await withoutRoots(db, await hotTables(db)));
    });

    it('no table is left out', async () => {
      const hot = await hotTables(db);
      for (const table of ['attempt', 'delivery', 'endpoint', 'event', 'event_body', 'event_key', 'lane'])
        assert.ok(hot.includes(table), table);
    });
  });

interface Index {
  table: string;
  name: string;
  /** Its first column. */
  first: string;
  isPrimary: boolean;
}

function readSqlite(db: Database): Promise<Index[]> {
  return db
    .all<Omit<Index, 'isPrimary'> & { origin: string }>(
      `select t.name as "table", i.name as name, c.name as first, i.origin as origin
       from sqlite_master t join pragma_index_list(t.name) i join pragma_index_info(i.name) c
       where t.type = 'table' and c.seqno = 0`,
    )
    .then((rows) => rows.map(({ origin, ...index }) => ({ ...index, isPrimary: origin === 'pk' })));
}

function readPostgres(db: Database): Promise<Index[]> {
  return db.all(
    `select t.relname as "table", i.relname as name, a.attname as first, x.indisprimary as "isPrimary"
     from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
       join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
     where t.relnamespace = 'public'::regnamespace`,
  );
}

/** Of a table that is divided, the parts: what they are divided by need not be in their key. */
async function withoutRoots(db: Database, tables: string[]): Promise<string[]> {
  if (db.engine === 'sqlite') return tables;
  const roots = await db.all<{ name: string }>(
    "select relname as name from pg_class c where relkind = 'p' and not exists (select from pg_index x where x.indrelid = c.oid and x.indisprimary)",
  );
  return tables.filter((table) => !roots.some(({ name }) => name === table));
}

async function hotTables(db: Database): Promise<string[]> {
  const rows = await db.all<{ name: string }>(
    db.engine === 'sqlite'
      ? "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
      : "select tablename as name from pg_tables where schemaname = 'public'",
  );
  return rows
    .map((row) => row.name)
    .filter((table) => !(table in COLD))
    .sort();
}
