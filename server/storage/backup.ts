import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A backup cannot be made; the message says why and what to do. */
export class BackupError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BackupError';
  }
}

/**
 * Writes a consistent copy of an SQLite database that may be in use, and answers with its size in bytes. Everything that was
 * committed before the call is in it. The copy appears at `target` whole, checked and on disk, or not at all.
 *
 * `vacuum into` copies one snapshot, whatever is written meanwhile; the online backup API begins anew at each commit of
 * another connection and would not end under load. It takes no lock that the server waits for.
 * @throws BackupError when there is nothing to copy, the target exists, the disk is full or the copy is not sound.
 */
export function backUp(source: string, target: string): number {
  if (!existsSync(source)) throw new BackupError(`there is no database at ${source}. Check DATABASE_URL.`);
  // Before anything is copied; the link at the end makes sure.
  if (existsSync(target)) throw targetExists(target);
  const partial = `${target}.partial-${process.pid}`;
  try {
    // SQLite fills an empty file that is there. The database holds secrets: nobody but its owner may read the copy meanwhile.
    closeSync(openSync(partial, 'wx', 0o600));
  } catch (error) {
    throw new BackupError(`cannot write to ${dirname(target)}: ${messageOf(error)}`, error);
  }
  try {
    copy(source, partial);
    check(partial);
    const size = flush(partial, statSync(source).mode);
    putInPlace(partial, target);
    return size;
  } finally {
    for (const file of [partial, `${partial}-journal`]) rmSync(file, { force: true });
  }
}

function copy(source: string, partial: string): void {
  try {
    const connection = new DatabaseSync(source, { readOnly: true });
    try {
      connection.exec('pragma busy_timeout=5000');
      // What makes a file a database of this program.
      connection.prepare('select max(version) from schema_version').get();
      // One read transaction.
      connection.prepare('vacuum into ?').run(partial);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw new BackupError(`${source} cannot be copied: ${messageOf(error)}`, error);
  }
}

function check(partial: string): void {
  const connection = new DatabaseSync(partial, { readOnly: true });
  try {
    // Reads the whole copy: every page, and that indexes and tables agree.
    const found = connection.prepare('pragma integrity_check(5)').all() as { integrity_check: string }[];
    const faults = found.map((row) => row.integrity_check).filter((line) => line !== 'ok');
    if (faults.length > 0) throw new BackupError(`the copy is not sound, so it was removed: ${faults.join('; ')}`);
  } finally {
    connection.close();
  }
}

/** SQLite does not flush what `vacuum into` writes. */
function flush(partial: string, mode: number): number {
  const file = openSync(partial, 'r+');
  try {
    fchmodSync(file, mode & 0o777);
    fsyncSync(file);
    return statSync(partial).size;
  } finally {
    closeSync(file);
  }
}

/** A link, unlike a rename, does not replace what appeared there meanwhile; some file systems have none. */
function putInPlace(partial: string, target: string): void {
  try {
    linkSync(partial, target);
  } catch {
    if (existsSync(target)) throw targetExists(target);
    renameSync(partial, target);
  }
  const folder = openSync(dirname(target), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function targetExists(target: string): BackupError {
  return new BackupError(
    `${target} exists. Name another file, or move that one away; a backup never replaces anything.`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
