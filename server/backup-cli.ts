/** `npm run backup [-- target]`: copies the configured SQLite database, also while the server runs. */
import { ConfigError, readDatabase } from './config.ts';
import { BackupError, backUp } from './storage/backup.ts';

try {
  const database = readDatabase(process.env);
  if (database.engine === 'postgres')
    throw new BackupError('DATABASE_URL names a PostgreSQL. Back it up with its own pg_dump, which is consistent too.');
  const [target = besideIt(database.path), ...others] = process.argv.slice(2);
  if (others.length > 0 || target.startsWith('-'))
    throw new BackupError('the only argument is the file to write: npm run backup -- /backups/hookloom.db');
  const startedAt = performance.now();
  const size = backUp(database.path, target);
  console.log(
    `${target}: ${(size / 1e6).toFixed(1)} MB, checked, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  console.log('The master key is not in it: keep a copy of that in another place.');
} catch (error) {
  const isExpected = error instanceof BackupError || error instanceof ConfigError;
  console.error(`No backup was made: ${isExpected ? error.message : error instanceof Error ? error.stack : error}`);
  process.exitCode = 1;
}

/** `data/hookloom.db` is copied to `data/hookloom-20260501T120000Z.db`. */
function besideIt(path: string): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${path.replace(/\.db$/, '')}-${time}.db`;
}
