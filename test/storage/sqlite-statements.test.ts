import assert from 'node:assert/strict';
import { constants, DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { sqliteStatements } from '../../server/storage/sqlite-statements.ts';

describe('statements on SQLite', () => {
  it('are compiled once, also where the limit is a parameter', async () => {
    using connection = new DatabaseSync(':memory:');
    connection.exec("create table lane (id text primary key); insert into lane values ('a'), ('b'), ('c')");
    // SQLite asks it about each table and column when it compiles a statement, and at no other time.
    let asked = 0;
    connection.setAuthorizer(() => {
      asked += 1;
      return constants.SQLITE_OK;
    });
    const { all } = sqliteStatements(connection);
    const first = async (limit: number) => {
      const rows = await all<{ id: string }>('select id from lane order by id limit ?1', [limit]);
      return rows.map(({ id }) => id);
    };
    assert.deepEqual(await first(1), ['a']);
    const onceCompiled = asked;
    assert.ok(onceCompiled > 0);
    assert.deepEqual(await first(2), ['a', 'b']);
    assert.deepEqual(await first(0), []);
    assert.equal(asked, onceCompiled);
  });
});
