import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { fileKeys, KeysUnusable } from '../../server/vault/key-source.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-'));
});
after(() => rmSync(folder, { recursive: true }));

test('a missing key file is made, for its owner only, and read again by the next', () => {
  const path = join(folder, 'new', 'master.key');
  const [key] = fileKeys(path).read();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(fileKeys(path).read(), [key]);
  assert.deepEqual(readdirSync(join(folder, 'new')), ['master.key']);
});

test('processes that start together agree on one key', async () => {
  const path = join(folder, 'race.key');
  const source = new URL('../../server/vault/key-source.ts', import.meta.url).href;
  const script = `const { fileKeys } = await import('${source}'); console.log(fileKeys('${path}').read()[0].id)`;
  const run = promisify(execFile);
  const ids = await Promise.all(
    Array.from({ length: 4 }, async () => (await run(process.execPath, ['--input-type=module', '-e', script])).stdout),
  );
  assert.equal(new Set(ids).size, 1, String(ids));
});

test('a new key comes in front of the one before, and no third one is kept', () => {
  const keys = fileKeys(join(folder, 'renewed.key'));
  const [first] = keys.read();
  keys.renew?.();
  const [second, ...older] = keys.read();
  assert.deepEqual(older, [first]);
  keys.renew?.();
  assert.deepEqual(keys.read().slice(1), [second]);
  assert.equal(statSync(join(folder, 'renewed.key')).mode & 0o777, 0o600);
});

test('a file that holds no key is not written over', () => {
  const path = join(folder, 'other.key');
  for (const text of ['', '# nothing\n', 'not a key\n']) {
    writeFileSync(path, text);
    assert.throws(() => fileKeys(path).read(), KeysUnusable);
  }
});
