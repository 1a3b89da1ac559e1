import type { Database } from './database.ts';
import { dropAllLeases } from './lanes.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** Where the database is. */
export type DatabaseLocation = { engine: 'sqlite'; path: string } | { engine: 'postgres'; url: string };

/**
 * Opens the configured database and brings it up to date.
 * @throws DatabaseInUse, DatabaseTooNew, StorageUnavailable
 */
export async function openDatabase(
  database: DatabaseLocation,
  log: { warn(fields: object, message: string): void },
): Promise<Database> {
  const db = database.engine === 'sqlite' ? await openSqlite(database.path) : await openPostgres(database.url, log);
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
