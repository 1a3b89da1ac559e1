/**
 * The program: `npm start`. Sets the engine up, then runs `serve.ts`. In JavaScript, because for a first file with types Node loads
 * what strips them, 12 MB; the others come stripped out of the cache below.
 */
// All of it: an older Node would stop at a name that it does not have, before it could be told what to do.
import { readdirSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

const { node } = process.versions;
if (Number.parseInt(node, 10) < 24) {
  console.error(
    `Hookloom cannot start: it needs Node 24, and this is Node ${node}.\n  - On Linux and Windows, npm ci installs Node 24 beside the program, and npm start uses it. Elsewhere, install it: https://nodejs.org`,
  );
  process.exit(1);
}

// What is read only when a process starts. So this one starts again in its own place, 10 ms later: the same process, with the same arguments
// and streams. What is given on the command line, or set already, stays.
const FLAGS = [
  '--disable-warning=ExperimentalWarning',
  // 16 MB, because much of what is made here waits for a commit or a reply.
  '--max-semi-space-size=16',
  // All that an event runs through becomes hot at the same time, some 10,000 events after the start, and V8 optimised it on four threads at once:
  // on two cores, nothing else came to its turn for 0.1 to 0.5 s.
  '--concurrent-turbofan-max-threads=1',
  // Where most of what is made has survived, V8 makes it in the old generation at once. Here it survives until a commit and dies then, and the
  // dead keep what they refer to, the text of events, until the next full collection: the main thread made 20 of them in 65,000 events of
  // batches, and makes 3 now.
  '--no-allocation-site-pretenuring',
];
// glibc keeps freed memory apart for each of some ten threads, and more of it the larger the blocks are that were ever freed: 30 MB in all.
const MALLOC = process.platform === 'linux' ? { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' } : {};
if (FLAGS.some((flag) => !process.execArgv.includes(flag)))
  process.execve?.(
    process.execPath,
    [process.execPath, ...FLAGS, ...process.execArgv, ...process.argv.slice(1)],
    process.env.MALLOC_ARENA_MAX === undefined ? { ...process.env, ...MALLOC } : process.env,
  );

// What waits a moment for its turn outlives the young generation and dies in the old one, which V8 would otherwise let grow to
// several times what lives in it. The less it may, the more full collections: with 40 % they took 25 of 220 µs a delivery of batches.
setFlagsFromString('--heap-growing-percent=60');
// That was the main thread's. The other threads say how much they need where they are started.
setFlagsFromString('--max-semi-space-size=0');

// Modules are compiled once and kept for the next start, which takes 50 MB less: no thread loads what strips the types. The first start of
// all has them compiled by a process that does nothing else, so that its threads load nothing of that either. Where the folder cannot be
// written, nothing is kept.
const isCompiling = process.argv[2] === '--compile';
const { status, directory } = module.enableCompileCache(
  join(import.meta.dirname, '..', 'node_modules', '.cache', 'hookloom'),
);
if (status === module.constants.compileCacheStatus.ENABLED && directory !== undefined) {
  const isEmpty = readdirSync(directory, { recursive: true, withFileTypes: true }).every((entry) =>
    entry.isDirectory(),
  );
  if (isEmpty && !isCompiling) {
    const { spawnSync } = await import('node:child_process');
    spawnSync(process.execPath, [...process.execArgv, import.meta.filename, '--compile'], { stdio: 'ignore' });
  }
  process.env.NODE_COMPILE_CACHE = directory;
}

if (isCompiling) await import('./compile.ts');
else {
  const { serve } = await import('./serve.ts');
  await serve();
}
