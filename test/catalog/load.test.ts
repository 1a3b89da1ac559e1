import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CatalogError } from '../../server/catalog/catalog-error.ts';
import { loadCatalog } from '../../server/catalog/load.ts';
import { copyOf, entryOf, loaded, parcelsPath, shippedPath } from './catalogs.ts';

function faultsOf(load: () => unknown): CatalogError {
  try {
    load();
  } catch (error) {
    assert.ok(error instanceof CatalogError);
    return error;
  }
  throw new assert.AssertionError({ message: 'loaded without faults' });
}

const BUILT_IN = ['webhook.test', 'webhook.endpoint_disabled', 'webhook.delivery_dead'];

test('a catalog of another product loads, with the built-in event types beside it', () => {
  const catalog = loadCatalog(parcelsPath);
  assert.deepEqual(
    [...catalog.types.keys()],
    ['parcel.registered', 'parcel.scanned', 'parcel.delivered', 'depot.opened', ...BUILT_IN],
  );
  assert.equal(catalog.testType.name, 'webhook.test');
});

test('samples become whole envelopes with the version of the catalog', () => {
  const document = copyOf(parcelsPath);
  document.api_version = '2027-01-01';
  for (const type of loaded(document).types.values()) {
    assert.equal(type.samples[0]?.api_version, '2027-01-01');
  }
});

test('a file that is not there is a fault', () => {
  const { faults } = faultsOf(() => loadCatalog('no-such-events.json'));
  assert.equal(faults.length, 1);
  assert.equal(faults[0]?.file, 'no-such-events.json');
  assert.match(faults[0]?.message ?? '', /^cannot be read: ENOENT/);
});

test('a file that is not JSON is a fault that says where', () => {
  const { faults } = faultsOf(() => loaded('{"api_version": "2026-05-01",}'));
  assert.match(faults[0]?.message ?? '', /^is not JSON: .*position/);
});

test('the error lists every fault with file, event type and pointer', () => {
  const document = copyOf(parcelsPath);
  entryOf(document, 'parcel.scanned').label = 'parcel scanned';
  entryOf(document, 'depot.opened').fires_when = 'A depot opens.';
  const error = faultsOf(() => loaded(document));
  assert.equal(error.faults.length, 2);
  assert.match(error.message, /events\.json: parcel\.scanned: \/events\/1\/label: /);
  assert.match(error.message, /events\.json: depot\.opened: \/events\/3\/fires_when: /);
});

function lintCli(...args: string[]) {
  const cli = fileURLToPath(new URL('../../server/catalog/lint-cli.ts', import.meta.url));
  return spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
}

test('the command line sums a sound catalog up in one line and exits 0', () => {
  const { status, stdout } = lintCli(shippedPath);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /: 70 core and 8 extended event types \(1 reserved\) and 3 built in, in 11 families: no faults\n$/,
  );
});

test('the command line prints each fault and exits 1', () => {
  const { status, stdout, stderr } = lintCli('no-such-events.json');
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^no-such-events\.json: \(document\): \/: cannot be read/);
});
