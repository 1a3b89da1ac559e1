import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from './database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
const NAME = /^(\d{3})_[a-z0-9_]+\.sql$/;

/** The database was written by a newer Hookloom, whose tables this one does not know. */
export class DatabaseTooNew extends Error {
  constructor(found: number, known: number) {
    super(
      `the database is at schema version ${found}, this program knows up to ${known}. Run the newer program, or restore a backup made by this one.`,
    );
    this.name = 'DatabaseTooNew';
  }
}

/**
 * Applies the migrations that the database lacks, each once, under a lock, in one transaction.
 * `NNN_name.sql` runs on both stores; `NNN_name.postgres.sql` or `NNN_name.sqlite.sql` beside it runs after it on that one alone.
 * @param through the last one to apply; all there are, unless a test begins with an older database
 * @throws DatabaseTooNew when the database is ahead of this program.
 */
export async function migrate(db: Database, through = Number.POSITIVE_INFINITY): Promise<void> {
  const migrations = readdirSync(FOLDER)
    .map((file) => ({ file, version: Number(NAME.exec(file)?.[1] ?? 0) }))
    .filter((migration) => migration.version > 0)
    .sort((a, b) => a.version - b.version);
  const known = migrations.at(-1)?.version ?? 0;

  await db.transaction(async (tx) => {
    // Processes that start together take turns; the lock goes with the transaction.
    if (db.engine === 'postgres') await tx.run('select pg_advisory_xact_lock(7461727374)');
    await tx.script('create table if not exists schema_version (version bigint not null)');
    // The highest migration applied so far.
    const row = await tx.get<{ version: number | null }>('select max(version) as version from schema_version');
    const found = row?.version ?? 0;
    if (found > known) throw new DatabaseTooNew(found, known);
    for (const { file, version } of migrations) {
      if (version <= found || version > through) continue;
      await tx.script(readFileSync(new URL(file, FOLDER), 'utf8'));
      await tx.script(readBeside(file, db.engine));
      // Remember that it is applied.
      await tx.run('insert into schema_version (version) values (?1)', [version]);
    }
  });
}

function readBeside(file: string, engine: Database['engine']): string {
  try {
    return readFileSync(new URL(file.replace(/\.sql$/, `.${engine}.sql`), FOLDER), 'utf8');
  } catch {
    return '';
  }
}
