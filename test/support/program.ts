import { type ChildProcess, spawn } from 'node:child_process';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { caller, OPERATOR_TOKEN } from '../http/api.ts';
import { until } from './until.ts';
import { TEST_MASTER_KEY } from './vault.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Long, since a noisy machine starts a program slowly; a program that ends early is noticed at once. */
const START_MS = 30_000;

/** How a program ended, and what it said until then. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Standard output and standard error, as they came. */
  said: string;
}

/** The real program, `server/main.js`, in a process of its own, listening. */
export interface Program extends AsyncDisposable {
  url: string;
  pid: number;
  /** Calls its API as the operator. */
  call: ReturnType<typeof caller>;
  /** What it has printed so far. */
  said(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  ended: Promise<Ended>;
  /** kill -9, and resolves when the process is gone. */
  kill(): Promise<void>;
}

/** Programs that have not ended. */
const running = new Set<ChildProcess>();
// One that a failed test left behind would keep its file from ending.
if (process.env.NODE_TEST_CONTEXT !== undefined)
  after(() => {
    for (const child of running) child.kill('SIGKILL');
  });

interface Child {
  pid: number;
  said(): string;
  signal(signal: NodeJS.Signals): void;
  hasEnded(): boolean;
  ended: Promise<Ended>;
}

/** How a program is started, where that matters. */
export interface Launch {
  /** Modules that are loaded before the program, as paths from the root of the project. */
  preload?: readonly string[];
  /** A command that starts it, such as `ip netns exec <name>`. */
  through?: readonly string[];
}

/**
 * Starts the program on a free port and resolves when it listens. `env` is all it gets, but for quiet defaults and the
 * operator's token of the tests (an empty value takes a default away); `args` are the command line's arguments.
 * @throws Error with what the program said, when it ends instead.
 */
export async function startProgram(
  env: Record<string, string>,
  args: readonly string[] = [],
  launch: Launch = {},
): Promise<Program> {
  const child = run({ HOOKLOOM_OPERATOR_TOKEN: OPERATOR_TOKEN, ...env }, args, launch);
  const listening = () => /listens on (http:\S+)/.exec(child.said())?.[1];
  await until(() => listening() !== undefined || child.hasEnded(), 'the program to listen', START_MS);
  const url = listening();
  if (url === undefined) throw new Error(`the program ended instead of listening:\n${child.said()}`);
  const kill = async (): Promise<void> => {
    child.signal('SIGKILL');
    await child.ended;
  };
  return {
    url,
    pid: child.pid,
    call: caller(url.replace('0.0.0.0', '127.0.0.1')),
    said: child.said,
    signal: child.signal,
    ended: child.ended,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** Runs a program that is expected to refuse to start, and tells how it ended. One that listens all the same is killed. */
export async function runToEnd(env: Record<string, string>, args: readonly string[] = []): Promise<Ended> {
  const child = run(env, args);
  const isUp = () => /listens on/.test(child.said());
  await until(() => child.hasEnded() || isUp(), 'the program to end', START_MS);
  if (!child.hasEnded() && isUp()) child.signal('SIGKILL');
  return child.ended;
}

function run(env: Record<string, string>, args: readonly string[], { preload = [], through = [] }: Launch = {}): Child {
  // Beside an SQLite file the program makes its own; those that share a PostgreSQL are given one.
  const sharedKey = env.DATABASE_URL?.startsWith('postgres') ? { HOOKLOOM_MASTER_KEY: TEST_MASTER_KEY } : {};
  const imports = preload.flatMap((path) => ['--import', `./${path}`]);
  const node = [process.execPath, ...imports, 'server/main.js', ...args];
  const [command = '', ...rest] = [...through, ...node];
  const { NODE_COMPILE_CACHE: cache } = process.env;
  const compileCache = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache };
  const child = spawn(command, rest, {
    cwd: ROOT,
    // Nothing of the developer's own configuration gets in.
    env: {
      PATH: process.env.PATH,
      ...compileCache,
      PORT: '0',
      LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
      ...sharedKey,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let said = '';
  const hear = (chunk: string): void => {
    said += chunk;
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  let isOver = false;
  const ended = new Promise<Ended>((resolve) => {
    // 'close' comes after the last output.
    child.on('close', (code, signal) => {
      isOver = true;
      resolve({ code, signal, said });
    });
  });
  return {
    pid: child.pid ?? 0,
    said: () => said,
    signal: (signal) => {
      child.kill(signal);
    },
    hasEnded: () => isOver,
    ended,
  };
}
