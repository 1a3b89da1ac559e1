import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { arrivals } from '../support/arrivals.ts';
import { startProgram } from '../support/program.ts';
import { type OwnEvent, publishMany } from '../support/publish-many.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Store, sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

const type = 'team.created';
const data = { team: { id: 'tem_1', name: 'Acme', owner_id: 'usr_1' } };
const EVENTS = 3000;

describe('npm run backup', () => {
  let store: Store;
  let path: string;
  beforeEach(async () => {
    store = await sqliteStore();
    path = store.url.replace('sqlite:', '');
  });
  afterEach(() => store.remove());

  it('copies the database of a server under load: the copy opens in the program and lacks nothing acknowledged before', async () => {
    const receiver = await startReceiver();
    const target = join(dirname(path), 'copy.db');
    const acknowledged = new Set<string>();
    try {
      {
        await using program = await startProgram({ DATABASE_URL: store.url });
        const body = { url: receiver.url, events: ['*'] };
        assert.equal((await program.call('POST', '/v1/webhook-endpoints', { body })).status, 201);
        const publishing = publishMany(
          program.url,
          Array.from({ length: EVENTS }, (_, index): OwnEvent => ({ id: `own-${index}`, type, data })),
        );
        await until(() => publishing.answered.size >= 500, '500 answers');
        for (const id of publishing.answered) acknowledged.add(id);
        const ran = await backup([target], store.url);
        assert.equal(ran.code, 0, ran.said);
        assert.match(ran.said, /copy\.db: \d+\.\d MB, checked/);
        await publishing.done;
        assert.deepEqual(publishing.refused, []);
        assert.equal(publishing.answered.size, EVENTS, 'the server served everybody meanwhile');
      }
      assert.deepEqual(
        readdirSync(dirname(path)).filter((file) => /copy|partial/.test(file)),
        ['copy.db'],
      );
      assert.equal(statSync(target).mode, statSync(path).mode);
      // Everything is made due again by what has not been delivered at the time of the copy; the rest is in the list.
      await using copy = await startProgram({ DATABASE_URL: `sqlite:${target}` });
      const found = new Set<string>();
      for (let cursor: string | null = '0'; cursor !== null; ) {
        const page = await copy.call('GET', `/v1/webhook-events?limit=100&after=${cursor}`);
        for (const event of page.json.data) found.add(event.id);
        cursor = page.json.data.length === 0 ? null : page.json.next_cursor;
      }
      assert.deepEqual([...acknowledged.difference(found)], []);
      const arrived = arrivals(receiver);
      await until(() => found.isSubsetOf(arrived()), 'what the copy has to be delivered');
    } finally {
      await receiver.close();
    }
  });

  it('works while no server runs, and names the copy after the time when it is given no name', async () => {
    await (await startProgram({ DATABASE_URL: store.url })).kill();
    const ran = await backup([], store.url);
    assert.equal(ran.code, 0, ran.said);
    const copy = readdirSync(dirname(path)).find((file) => /^test-\d{8}T\d{6}Z\.db$/.test(file));
    assert.ok(copy !== undefined, ran.said);
    const database = new DatabaseSync(join(dirname(path), copy), { readOnly: true });
    assert.equal(database.prepare("select name from team where id = 'default'").all().length, 1);
    database.close();
  });

  it('refuses what would lose or mislead: a target that exists, a database that is none, a PostgreSQL', async () => {
    const target = join(dirname(path), 'precious.db');
    writeFileSync(target, 'precious');
    await (await startProgram({ DATABASE_URL: store.url })).kill();
    const refused: [string[], string, RegExp][] = [
      [[target], store.url, /precious\.db exists\. Name another file/],
      [[join(dirname(path), 'none', 'copy.db')], store.url, /cannot write to .*none/],
      [[], `sqlite:${path}x`, /there is no database at .*\.dbx/],
      [[join(dirname(path), 'copy.db')], `sqlite:${target}`, /precious\.db cannot be copied: .*not a database/],
      [[], 'postgres://user:hunter2@host/name', /pg_dump/],
      [['--help'], store.url, /the only argument is the file to write/],
      [[], 'mysql:x', /DATABASE_URL must begin with/],
    ];
    const before = readdirSync(dirname(path)).filter((file) => !/-(wal|shm)$/.test(file));
    for (const [args, url, expected] of refused) {
      const ran = await backup(args, url);
      assert.equal(ran.code, 1, ran.said);
      assert.match(ran.said, expected);
      assert.doesNotMatch(ran.said, /hunter2|at file:/);
    }
    assert.equal(statSync(target).size, 'precious'.length);
    assert.deepEqual(
      readdirSync(dirname(path)).filter((file) => !/-(wal|shm)$/.test(file)),
      before,
    );
    assert.ok(!existsSync(`${path}x`));
  });
});

function backup(args: string[], url: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'server/backup-cli.ts', ...args],
      { cwd: fileURLToPath(new URL('../../', import.meta.url)), env: { PATH: process.env.PATH, DATABASE_URL: url } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}
