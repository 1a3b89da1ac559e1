import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { runToEnd, startProgram } from '../support/program.ts';
import { stores } from '../support/stores.ts';

describe('compiling the program', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'hookloom-compile-'));
  after(() => rm(cache, { recursive: true }));
  // In a folder for each set of V8's flags; a file's name stands for its module.
  const compiled = async () => {
    const entries = await readdir(cache, { recursive: true, withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  };

  it('runs nothing, and says nothing', async () => {
    assert.deepEqual(await runToEnd({ NODE_COMPILE_CACHE: cache }, ['--compile']), { code: 0, signal: null, said: '' });
    assert.ok((await compiled()).size > 200);
  });

  for (const { name, make } of stores)
    it(`leaves no module to be compiled by a start on ${name}`, async () => {
      const before = await compiled();
      const store = await make();
      const program = await startProgram({ NODE_COMPILE_CACHE: cache, DATABASE_URL: store.url });
      program.signal('SIGTERM');
      assert.equal((await program.ended).code, 0);
      await store.remove();
      assert.deepEqual(
        [...(await compiled())].filter((name) => !before.has(name)),
        [],
      );
    });

  // A thread that is ended from outside keeps nothing of what it compiled, so the start above does not tell of all threads.
  it('leaves no module of a thread to be compiled', async () => {
    const threads = globSync('server/**/*-thread.ts');
    assert.ok(threads.length > 0);
    const before = await compiled();
    for (const thread of threads)
      await promisify(execFile)(process.execPath, [thread], { env: { ...process.env, NODE_COMPILE_CACHE: cache } });
    assert.deepEqual(
      [...(await compiled())].filter((module) => !before.has(module)),
      [],
    );
  });
});
