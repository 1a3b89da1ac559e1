import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { analyzeGrown } from '../../server/storage/analyze-grown.ts';
import type { Database, Procedures, Statements } from '../../server/storage/database.ts';
import { openPostgres, PLANNING } from '../../server/storage/postgres.ts';
import { makeEngine } from '../support/engine.ts';
import { startReceiver } from '../support/receiver.ts';
import { openMigrated, postgresStore, procedures, type Store } from '../support/stores.ts';
import { until } from '../support/until.ts';

/** Read whole on purpose: a few rows, whatever the installation does. */
const SMALL = /schema_version|vault_key/;

describe('PostgreSQL finds rows by their keys', () => {
  let store: Store;
  let db: Database;
  let client: pg.Client;
  const texts = new Set<string>();

  before(async () => {
    store = await postgresStore();
    db = await openMigrated({ ...store, open: () => openRecording(store.url, texts) });
    client = new pg.Client(store.url);
    await client.connect();
    await client.query(PLANNING);
    await using receiver = await startReceiver();
    const engine = makeEngine(db);
    // Two, so that statements about several lanes are among them.
    for (const path of ['/a', '/b']) await engine.addEndpoint({ url: receiver.url + path });
    engine.worker.start();
    await Promise.all(Array.from({ length: 40 }, () => engine.publishSample('member.created')));
    await receiver.waitFor(80);
    await engine.worker.stop();
  });
  after(async () => {
    await client.end();
    await db.close();
    await store.remove();
  });

  /** The plans of everything that publishing and delivering asked for, each with its statement. */
  async function plans(): Promise<string[]> {
    const found: string[] = [];
    for (const text of texts) {
      const { rows } = await client.query<Record<string, string>>(`explain (generic_plan, costs off) ${text}`);
      found.push(`${text}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`);
    }
    return found.filter((plan) => !SMALL.test(plan));
  }

  it('planned while the tables are empty, no statement reads a whole table or all that a team has', async () => {
    const all = await plans();
    for (const part of ['with s (', 'lateral', 'with wanted', 'with k (team_id, id)', 'insert into attempt'])
      assert.ok(
        all.some((plan) => plan.includes(part)),
        `no statement with "${part}" among those recorded`,
      );
    for (const plan of all)
      assert.doesNotMatch(plan, /Seq Scan|Bitmap|Hash Join|Merge Join|Index Cond: \(team_id = \S+\)$/m);
  });

  const addWaiting = (prefix: string, count: number) =>
    db.transaction((tx) =>
      tx.run(`insert into delivery (team_id, id, endpoint_id, event_id, event_at, type, dialect, status, due_at, attempt_count, created_at)
        select 'default', 'dlv_${prefix}' || n, 'ep_x' || n % 7, 'evt_x' || n, 1, 'member.created', 'standard', 'pending', 1, 1, 1
        from generate_series(1, ${count}) as n`),
    );

  it('tables that grew are analysed once, and a delivery is then found by its primary key', async () => {
    // As many changes as a busy second makes. The server counts them up to a second later.
    await addWaiting('x', 2000);
    let analyzed: string[] = [];
    await until(async () => {
      analyzed = [...analyzed, ...(await analyzeGrown(db))];
      return analyzed.includes('delivery_unfinished');
    }, 'the deliveries to be analysed');
    assert.ok(!(await analyzeGrown(db)).includes('delivery_unfinished'));
    const settling = (await plans()).filter((plan) => /update delivery/.test(plan));
    assert.ok(settling.length > 0);
    for (const plan of settling) assert.match(plan, /Index Scan using delivery_unfinished_pkey/);
  });

  it('planned when all that waited has just moved to its day, it still is', async () => {
    await addWaiting('y', 20_000);
    await client.query("update delivery set status = 'delivered' where status = 'pending'");
    await client.query('vacuum analyze delivery_unfinished');
    const all = await plans();
    for (const plan of all) assert.doesNotMatch(plan, /Seq Scan|Index Cond: \(team_id = \S+\)$/m);
    for (const plan of all.filter((one) => /update delivery/.test(one)))
      assert.match(plan, /Index Scan using delivery_unfinished_pkey/);
  });
});

/** Opens a database; what it is asked is recorded, in PostgreSQL's words. */
async function openRecording(url: string, texts: Set<string>): Promise<Database> {
  const over = (statements: Statements): Statements => {
    const record = (sql: string): void => {
      texts.add(sql.replace(/\?(\d+)/g, '$$$1').replace(/\/\*\+ (.*?) \*\//g, '$1'));
    };
    return {
      ...statements,
      all(sql, params) {
        record(sql);
        return statements.all(sql, params);
      },
      get(sql, params) {
        record(sql);
        return statements.get(sql, params);
      },
      run(sql, params) {
        record(sql);
        return statements.run(sql, params);
      },
    };
  };
  const recorded: Procedures = {};
  for (const [name, procedure] of Object.entries(procedures))
    recorded[name] = (tx, argument) => procedure(over(tx), argument);
  const db = await openPostgres(url, { warn: () => undefined }, recorded);
  return { ...db, ...over(db), transaction: (work) => db.transaction((tx) => work(over(tx))) };
}
