import type { Database, Procedures } from './database.ts';
import { dropAllLeases } from './lanes.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { ThreadModule } from './sqlite-writer.ts';

/** Where the database is. */
export type DatabaseLocation = { engine: 'sqlite'; path: string } | { engine: 'postgres'; url: string };

/**
 * Opens the configured database and brings it up to date.
 * @param work what the store runs whole: PostgreSQL takes the procedures, SQLite's thread brings its own
 * @throws DatabaseInUse, DatabaseTooNew, StorageUnavailable
 */
export async function openDatabase(
  database: DatabaseLocation,
  log: { warn(fields: object, message: string): void },
  work: { procedures: Procedures; thread: ThreadModule },
): Promise<Database> {
  const db =
    database.engine === 'sqlite'
      ? await openSqlite(database.path, work.thread)
      : await openPostgres(database.url, log, work.procedures);
  try {
    await migrate(db);
    // This process has the file to itself: whoever held leases is dead, and nobody needs to wait for them to run out.
    if (db.engine === 'sqlite') await dropAllLeases(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
