/**
 * The program: `npm start`. Sets the engine up, then runs `serve.ts`. In JavaScript, because for a first file with types Node loads
 * what strips them, 12 MB; the others come stripped out of the cache below.
 */
import { constants, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// glibc keeps freed memory apart for each of some ten threads, and more of it the larger the blocks are that were ever freed: 30 MB in
// all. It reads how it is to be when a process starts, so this one starts again in its own place, 10 ms later: the same process,
// with the same arguments and streams.
if (process.platform === 'linux' && process.env.MALLOC_ARENA_MAX === undefined)
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '131072',
  });

// What waits a moment for its turn outlives the young generation and dies in the old one, which V8 would otherwise let grow to
// several times what lives in it. The less it may, the more full collections: with 40 % they took 25 of 220 µs a delivery of batches.
setFlagsFromString('--heap-growing-percent=60');
// For the threads that are still to start: what they make is gone when it is answered. For this one it stands on the command line
// (`npm start`): 16 MB, because much of what is made here waits for a commit or a reply.
setFlagsFromString('--max-semi-space-size=2');

// Modules are compiled once and kept for the next start, which is 0.2 s faster and takes 50 MB less: no thread loads what strips the
// types. Where the folder cannot be written, nothing is kept.
const cache = enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'hookloom'));
if (cache.status === constants.compileCacheStatus.ENABLED) process.env.NODE_COMPILE_CACHE = cache.directory;

await import('./serve.ts');
