import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { fsyncTimes } from './fsync.ts';
import type { Sample } from './sample.ts';
import { percentile } from './statistics.ts';
import type { BenchStore } from './store.ts';

/** What a reader must know of the machine to compare. */
export interface Surroundings {
  date: string;
  machine: string;
  system: string;
  node: string;
  store: string;
  event: string;
  'fdatasync of 4 KB': string;
}

/** Looks the surroundings up; the disk is the one of the temporary folder, where the databases are. */
export function lookAround(store: BenchStore, sample: Sample): Surroundings {
  const times = fsyncTimes(tmpdir());
  return {
    date: new Date().toISOString(),
    machine: `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1e9)} GB`,
    system: `${type()} ${release()}`,
    node: process.version,
    store:
      store.engine === 'sqlite' ? `SQLite ${store.version}, synchronous=FULL` : `PostgreSQL ${store.version}, defaults`,
    event: `${sample.type}, ${sample.envelope.length} bytes`,
    'fdatasync of 4 KB': `p50 ${percentile(times, 50).toFixed(2)} ms, p99 ${percentile(times, 99).toFixed(2)} ms`,
  };
}
