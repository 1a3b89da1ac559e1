/**
 * Runs the tests: starts one PostgreSQL for all of them, then `node --test` over the files given, or over all.
 *
 *     node test/run.ts                          everything
 *     node test/run.ts test/storage/*.test.ts   some files
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './support/postgres-server.ts';

const files = process.argv.slice(2);
const postgres = await startPostgres();
const tests = spawn(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    '--test',
    // Node leaves a core out, one of two; but most files wait more than they compute: 459 s one by one, 316 s two by two.
    `--test-concurrency=${availableParallelism()}`,
    '--test-timeout=120000',
    ...(files.length > 0 ? files : globSync(['test/**/*.test.ts', 'connector/*/test/**/*.test.ts'])),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_POSTGRES_URL: postgres.url,
      // Each file is a process that loads some hundred modules: compiled once, they cost it 1.8 s of CPU in place of 2.3.
      NODE_COMPILE_CACHE: join(tmpdir(), `hookloom-compiled-${process.getuid?.() ?? 0}`),
    },
  },
);
const status = await new Promise<number>((resolve) => tests.on('exit', (code) => resolve(code ?? 1)));
await postgres.remove();
process.exit(status);
