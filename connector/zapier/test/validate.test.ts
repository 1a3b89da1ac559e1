import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';

const folder = join(import.meta.dirname, '..');
const bin = join(folder, '../../node_modules/.bin');

test('zapier-platform validate --without-style passes, offline, after its own build', () => {
  // A home of its own: the command keeps its settings there.
  const home = mkdtempSync(join(tmpdir(), 'hookloom-zapier-home-'));
  const ran = spawnSync(process.execPath, [join(bin, 'zapier-platform'), 'validate', '--without-style'], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      HOME: home,
      DISABLE_ZAPIER_ANALYTICS: '1',
      PATH: `${bin}${delimiter}${process.env.PATH}`,
    },
  });
  rmSync(home, { recursive: true, force: true });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /This project is structurally sound!/);
});
