/**
 * A thread that moves SQLite's write-ahead log into the database file, so that no commit waits for that.
 * Passive checkpoints take no lock that a writer or reader needs. They share the disk, though: one every 500 ms flushed so
 * much at once that commits beside it took 3.0 ms (p99 24); often and little, they take 1.2 (p99 9 to 13).
 *
 * The writer starts the log again from its beginning only when it finds all of it in the file, which under steady load is
 * luck. So a long log is wound back here, between two of its transactions: the next one waits while the last few pages are moved, for 1 to
 * 20 ms. (Left to grow to 256 MB and cut off then, it held the writer for 100 ms every few seconds; and what is written over needs no new
 * space.)
 *
 * On a disk that is nearly full it is wound back much sooner: once the log had taken the last of the disk, nothing in it could be moved any more
 * to where it belongs, and no room would ever come free.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers';
import { isMainThread, workerData } from 'node:worker_threads';
import { WriteTurn } from './write-turn.ts';

const BUSY_MS = 20;
const IDLE_MS = 200;
/** 32 MB. */
const LONG_LOG_PAGES = 4096;
/** On a disk with less room than this, in bytes: twice the longest log. */
const NEARLY_FULL = 64 * 1024 * 1024;
/** 1 MB. */
const SHORT_LOG_PAGES = 128;
/** How long winding back waits for the transaction under way, and then, holding the writer, for readers. */
const PATIENCE_MS = 50;

/** A checkpoint's answer, in pages. */
interface Checkpoint {
  log: number;
  /** Fewer than the log has while somebody reads an earlier state, as a backup does for minutes. */
  checkpointed: number;
}

// On the main thread it is only compiled.
if (!isMainThread) keepLogShort(workerData as LogOfDatabase);

/** Of which database, and the memory of its WriteTurn. */
interface LogOfDatabase {
  path: string;
  turn: SharedArrayBuffer;
}

function keepLogShort({ path, turn: memory }: LogOfDatabase): void {
  const turn = new WriteTurn(memory);
  const connection = new DatabaseSync(path);
  connection.exec(`pragma busy_timeout=${PATIENCE_MS}; pragma synchronous=full`);
  const checkpoint = connection.prepare('pragma wal_checkpoint(passive)');
  let before = '';

  const isNearlyFull = (): boolean => {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < NEARLY_FULL;
  };

  const run = (): void => {
    let isIdle = false;
    try {
      const { log, checkpointed } = checkpoint.get() as unknown as Checkpoint;
      // On a nearly full disk also when the last pages are still to be moved: under load they always are.
      if ((log > LONG_LOG_PAGES && checkpointed === log) || (log > SHORT_LOG_PAGES && isNearlyFull()))
        turn.between(PATIENCE_MS, () => connection.exec('pragma wal_checkpoint(restart)'));
      // The same again means that nothing was written meanwhile.
      const now = `${log} ${checkpointed}`;
      isIdle = now === before;
      before = now;
    } catch {
      // Disk full or the file is gone: the writer meets the same fault and reports it; the next round tries again, soon, so that the log does not
      // take all of what comes free.
    }
    setTimeout(run, isIdle ? IDLE_MS : BUSY_MS);
  };

  run();
}
