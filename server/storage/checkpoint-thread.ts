/**
 * A thread that moves SQLite's write-ahead log into the database file, so that no commit waits for it.
 * Passive checkpoints take no lock that a writer or reader needs.
 */

import { DatabaseSync } from 'node:sqlite';
import { setInterval } from 'node:timers';
import { workerData } from 'node:worker_threads';

const INTERVAL_MS = 500;

const connection = new DatabaseSync((workerData as { path: string }).path);
connection.exec('pragma busy_timeout=0; pragma synchronous=full');
setInterval(() => {
  try {
    connection.exec('pragma wal_checkpoint(passive)');
  } catch {
    // Disk full or the file is gone: the writer meets the same fault and reports it; the next round tries again.
  }
}, INTERVAL_MS);
