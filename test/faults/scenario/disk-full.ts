import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Store } from '../../support/stores.ts';
import { endOfRefusals, moreReplies } from '../refusals.ts';
import { BOTH, NotRun, type Scenario, type StoreName } from '../scenario.ts';

/** Where a store's disk is mounted. */
const disks = new WeakMap<Store, string>();
const SIZE = { SQLite: '24m', PostgreSQL: '48m' };
/** A third of SQLite's disk. */
const LONGEST_LOG = 8 * 1024 * 1024;
/** As test/support/postgres-server.ts runs PostgreSQL. */
const NOBODY = 65534;

/** The disk of the database is full for a while. */
export const diskFull: Scenario = {
  number: 9,
  fault: 'disk full (a small tmpfs)',
  passes: '503, all 202s survive, recovers by itself',
  stores: BOTH,
  async makeStore(name) {
    const { disk, unmount } = mountDisk(name);
    const store = name === 'SQLite' ? sqliteOn(disk, unmount) : await postgresOn(disk, unmount);
    disks.set(store, disk);
    return store;
  },
  async play({ stage, store, scale }) {
    const disk = disks.get(stage.store) ?? '';
    const program = await stage.start();
    for (const path of ['/ok/a', '/delay-50/b']) await stage.watch(program, path);
    const publishing = await stage.publish([program.url], { perSecond: 200 });
    const times = scale === 'full' ? 3 : 1;
    let slowest = 0;
    for (let time = 0; time < times; time += 1) {
      await stage.received(stage.receipts().length + 200);
      const filler = join(disk, 'filler');
      fill(filler);
      await moreReplies(stage, (status) => status === 503);
      // For a while: what was under way is to be written down, and cannot be.
      await moreReplies(stage, (status) => status === 503, 200);
      rmSync(filler);
      const freedAt = Date.now();
      await moreReplies(stage, (status) => status === 202);
      slowest = Math.max(slowest, Date.now() - freedAt);
    }
    const { answered, again, refused } = await endOfRefusals(stage, program, publishing);
    await program.kill();
    if (store === 'SQLite') {
      // What is still in the log takes room of its own in the file: a log that had all of the disk could never be moved there.
      assert.ok(statSync(join(disk, 'test.db-wal')).size < LONGEST_LOG, 'the log fills the disk');
      const database = new DatabaseSync(join(disk, 'test.db'));
      assert.equal(database.prepare('pragma integrity_check').get()?.integrity_check, 'ok');
      database.close();
    }
    return `full ${times} times, ${answered} events answered and ${refused} refused with 503, 0 lost, ${again} repeated, 202 again after ${slowest} ms`;
  },
};

function mountDisk(name: StoreName): { disk: string; unmount(): void } {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new NotRun('needs Linux and root, to mount a small tmpfs');
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-disk-'));
  chmodSync(folder, 0o755);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const owner = name === 'SQLite' ? '' : `,uid=${NOBODY},gid=${NOBODY},mode=700`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE[name]}${owner}`, 'tmpfs', disk], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true });
    throw new NotRun(`a small tmpfs cannot be mounted here: ${mounted.stderr || mounted.error}`);
  }
  const unmount = (): void => {
    process.off('exit', unmount);
    // Lazily, since on the way out a program may still have it open.
    spawnSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  };
  // Also when the runner is interrupted, or fails itself.
  process.once('exit', unmount);
  return { disk, unmount };
}

function sqliteOn(disk: string, unmount: () => void): Store {
  return {
    name: 'SQLite',
    url: `sqlite:${join(disk, 'test.db')}`,
    open: () => Promise.reject(new Error('only the program opens this one')),
    remove: async () => unmount(),
  };
}

/** A database of which the tables are on the small disk; the server's own files, and its log, are not. */
async function postgresOn(disk: string, unmount: () => void): Promise<Store> {
  const server = process.env.TEST_POSTGRES_URL ?? '';
  const name = `full_${process.pid}`;
  const administrate = async (...statements: string[]): Promise<void> => {
    const client = new pg.Client(server);
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  await administrate(
    `create tablespace ${name} location '${disk}'`,
    `create database ${name} tablespace ${name} template template0`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    name: 'PostgreSQL',
    url: url.href,
    open: () => Promise.reject(new Error('only the program opens this one')),
    async remove() {
      await administrate(`drop database if exists ${name} with (force)`, `drop tablespace if exists ${name}`);
      unmount();
    },
  };
}

/** Writes until there is no room left. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  for (let size = 64 * 1024; size >= 512; size /= 2) {
    const block = Buffer.alloc(size);
    try {
      while (writeSync(file, block) === size);
    } catch {
      // Not so much; perhaps a little.
    }
  }
  closeSync(file);
}
