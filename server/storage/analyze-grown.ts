/** PostgreSQL's statistics of tables that grow faster than its own daemon looks. */
import type { Database } from './database.ts';

/** Below so many changed rows it makes no difference by which index a row is found. */
const FEWEST_CHANGES = 500;
/** A plan is made anew when a table has grown by this factor. */
const GROWTH = 4;

/**
 * Has PostgreSQL count the tables that have grown several times over since it last did. A prepared statement keeps the plan that it got
 * when the tables were empty until somebody analyses them; the daemon does, once a minute and where it is on. Until then a settled
 * delivery was found by an index that holds its id last: all entries of its team were read (150 µs a delivery, and more by the minute).
 * @returns the tables; none on SQLite
 */
export async function analyzeGrown(db: Database): Promise<string[]> {
  if (db.engine !== 'postgres') return [];
  // Of the server's own counters: some 30 tables.
  const grown = await db.all<{ name: string }>(
    `select s.relname as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where s.schemaname = current_schema() and s.n_mod_since_analyze >= ?1
       and s.n_live_tup >= greatest(?1, ?2 * greatest(c.reltuples, 0)) order by s.relname`,
    [FEWEST_CHANGES, GROWTH],
  );
  // A sample of 3,000 rows, not 30,000: it is rough, and takes 10 ms, not 150. Skipped where somebody holds the table, as another
  // worker or a vacuum does: the next round looks again. Names of our own, so nothing to quote.
  for (const { name } of grown)
    await db.transaction((tx) => tx.script(`set local default_statistics_target = 10; analyze (skip_locked) ${name}`));
  return grown.map(({ name }) => name);
}
