/**
 * Starts the server as the README says, on a free port and a temporary database; tells how long it took to be ready, and
 * that it stops in order. Part of .ci/run: its time is told, not judged, since machines differ.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'hookloom-start-'));
const began = performance.now();
const npm = spawn('npm', ['start'], {
  // A group of its own, to be signalled as a whole like the one in a terminal: npm does not hand SIGTERM to the server.
  detached: true,
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { ...process.env, HOST: '127.0.0.1', PORT: '0', DATABASE_URL: `sqlite:${join(folder, 'start.db')}` },
});
/** The server has ended when nobody holds its output any more. */
const ended = new Promise((resolve) => npm.on('close', resolve));
let said = '';
for (const stream of [npm.stdout, npm.stderr])
  stream.on('data', (chunk: Buffer) => {
    said += chunk;
  });

/** Waits until the server has said something of this form. */
function hear(pattern: RegExp, what: string): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    npm.stdout.on('data', () => {
      const found = pattern.exec(said);
      if (found !== null) resolve(found);
    });
    ended.then(() => reject(new Error(`npm start ended and never said ${what}`)));
    setTimeout(() => reject(new Error(`npm start has not said ${what} in ${PATIENCE_MS} ms`)), PATIENCE_MS).unref();
  });
}

function signalAll(signal: NodeJS.Signals): void {
  if (npm.pid !== undefined) process.kill(-npm.pid, signal);
}

try {
  const [, url] = await hear(/listens on (\S+)/, 'where it listens');
  const reply = await fetch(`${url}/readyz`);
  if (!reply.ok) throw new Error(`/readyz answered ${reply.status}`);
  console.log(`ready ${Math.round(performance.now() - began)} ms after npm start`);
  const stopping = hear(/Stopping/, 'that it stops');
  signalAll('SIGTERM');
  await stopping;
  await ended;
  console.log('stopped in order');
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}. It said:\n${said}`);
  process.exitCode = 1;
  if (npm.exitCode === null && npm.signalCode === null) signalAll('SIGKILL');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
