import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runToEnd, startProgram } from '../support/program.ts';
import { openMigrated, postgresStore, sqliteStore } from '../support/stores.ts';

describe('a start that cannot be ends with exit code 1 and says why', { concurrency: 3 }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hookloom-start-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts the program with this environment and compares what it says, line by line, with the patterns. */
  async function refuses(env: Record<string, string>, ...patterns: RegExp[]): Promise<string[]> {
    const { code, signal, said } = await runToEnd({ DATABASE_URL: `sqlite:${join(folder, 'unused.db')}`, ...env });
    assert.deepEqual([code, signal], [1, null], said);
    const lines = said.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^Hookloom cannot start: /);
    for (const pattern of patterns) assert.match(said, pattern);
    assert.doesNotMatch(said, /^ {4}at /m, 'a stack trace hides what to do');
    return lines;
  }

  it('when the configuration is at fault: all faults at once, and no password', async () => {
    const lines = await refuses(
      {
        HOST: 'not a host',
        PORT: '70000',
        DATABASE_URL: 'mysql://root:hunter2@localhost/hookloom',
        HOOKLOOM_OPERATOR_TOKEN: 'too short',
        HOOKLOOM_DEFAULT_DIALECT: 'standart',
        LOG_LEVEL: 'loud',
      },
      /- HOST is "not a host"/,
      /- PORT is "70000"/,
      /- DATABASE_URL must begin with sqlite: .* or postgres:/,
      /- HOOKLOOM_OPERATOR_TOKEN has 9 characters; it must have 32 or more/,
      /- HOOKLOOM_DEFAULT_DIALECT is "standart"; it must be one of standard, memberpass/,
      /- LOG_LEVEL is "loud"; it must be one of/,
      /See \.env\.example/,
    );
    assert.equal(lines.filter((line) => line.startsWith('  - ')).length, 6);
    assert.doesNotMatch(lines.join('\n'), /hunter2/);
  });

  it('when Node is too old: what to do, not the name of a function that it lacks', async () => {
    const isOld = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"22.11.0"}})';
    await refuses(
      { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(isOld)}` },
      /needs Node 24, and this is Node 22\.11\.0/,
      /npm start/,
    );
  });

  it('when the catalog cannot be read', async () => {
    const missing = join(folder, 'no-events.json');
    await refuses({ HOOKLOOM_CATALOG: missing }, /no-events\.json/, /cannot be read: ENOENT/);
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{"events": [');
    await refuses({ HOOKLOOM_CATALOG: broken }, /broken\.json/, /is not JSON/);
  });

  it('when the catalog has faults: every one with its file, event type and JSON pointer', async () => {
    const catalog = JSON.parse(readFileSync('test/fixtures/parcels.json', 'utf8')) as {
      families: Record<string, { counts: Record<string, number> }>;
      events: { label: string; fires_when: string; filters: Record<string, string>; samples: { data: unknown }[] }[];
    };
    const [registered, scanned, delivered, opened] = catalog.events;
    assert.ok(registered && scanned && delivered && opened && catalog.families.depot);
    registered.label = 'parcel registered';
    scanned.fires_when = 'A parcel is scanned.';
    delivered.filters = { ...delivered.filters, nothing: '/parcel/nothing' };
    opened.samples = [{ ...opened.samples[0], data: {} }];
    catalog.families.depot.counts.core = 7;
    const path = join(folder, 'faulty.json');
    writeFileSync(path, JSON.stringify(catalog));
    await refuses(
      { HOOKLOOM_CATALOG: path },
      /faulty\.json: parcel\.registered: \/events\/0\/label: /,
      /faulty\.json: parcel\.scanned: \/events\/1\/fires_when: /,
      /faulty\.json: parcel\.delivered: \/events\/2\/filters\/nothing: /,
      /faulty\.json: depot\.opened: \/events\/3\/samples\/0\/data/,
      /faulty\.json: \(document\): \/families\/depot\/counts/,
    );
  });

  for (const make of [sqliteStore, postgresStore])
    it(`when the database is newer than the program (${make.name})`, async () => {
      const store = await make();
      const db = await openMigrated(store);
      await db.transaction((tx) => tx.run('insert into schema_version (version) values (999)'));
      await db.close();
      await refuses(
        { DATABASE_URL: store.url },
        /at schema version 999, this program knows up to \d+/,
        /newer program/,
      );
      await store.remove();
    });

  it('when another process has the SQLite file, which goes on undisturbed', async () => {
    const store = await sqliteStore();
    const first = await startProgram({ DATABASE_URL: store.url });
    await refuses({ DATABASE_URL: store.url }, /in use by another Hookloom process/, /PostgreSQL/);
    assert.equal((await first.call('GET', '/readyz')).status, 200);
    await first.kill();
    // The lock went with its holder.
    await (await startProgram({ DATABASE_URL: store.url })).kill();
    await store.remove();
  });

  it('when the SQLite path leads to something else, or nowhere', async () => {
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'these are notes, and there are enough of them to be no database header\n'.repeat(20));
    await refuses(
      { DATABASE_URL: `sqlite:${text}` },
      /notes\.txt cannot be opened as an SQLite database: .*not a database/,
    );
    await refuses({ DATABASE_URL: `sqlite:${text}/inside.db` }, /inside\.db cannot be opened/, /DATABASE_URL/);
  });

  it('when PostgreSQL is away, says nothing, or has no such database', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    await refuses(
      { DATABASE_URL: `postgres://hookloom:hunter2@127.0.0.1:${port}/hookloom` },
      /database is not available: .*ECONNREFUSED/,
    );
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port: mute } = silent.address() as AddressInfo;
    const lines = await refuses(
      { DATABASE_URL: `postgres://hookloom:hunter2@127.0.0.1:${mute}/hookloom` },
      /database is not available: .*timeout/i,
    );
    assert.doesNotMatch(lines.join('\n'), /hunter2/);
    silent.close();
    const store = await postgresStore();
    await refuses({ DATABASE_URL: `${store.url}_not` }, /database is not available: .*_not" does not exist/);
    await store.remove();
  });

  it('when the port is in use, or the host is not an address of this machine', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await refuses({ PORT: `${port}` }, new RegExp(`port ${port} is in use`), /set PORT to another/);
    taken.close();
    // A name that never resolves (RFC 6761).
    await refuses({ HOST: 'no-such-host.invalid' }, /no address no-such-host\.invalid/);
  });
});

it('a start gives itself the flags that Node reads only then, which npm start, the Dockerfile and a supervisor need not know', async () => {
  const store = await sqliteStore();
  const tell = encodeURIComponent('console.log("flags:", ...process.execArgv)');
  const program = await startProgram({
    DATABASE_URL: store.url,
    NODE_OPTIONS: `--import=data:text/javascript,${tell}`,
  });
  try {
    // Once before it starts again, and once after.
    const [first, second] = program.said().match(/^flags:.*$/gm) ?? [];
    assert.equal(first, 'flags:');
    assert.match(
      second ?? '',
      / --max-semi-space-size=16 --concurrent-turbofan-max-threads=1 --no-allocation-site-pretenuring$/,
    );
    assert.doesNotMatch(program.said(), /ExperimentalWarning:/);
  } finally {
    await program.kill();
    await store.remove();
  }
});
