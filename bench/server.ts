import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MASTER_KEY } from './master-key.ts';
import { monotonicMs } from './wire/monotonic.ts';

/** The program under measure, in a process of its own. */
export interface Server {
  url: string;
  token: string;
  pid: number;
  /** From its start to the first 200 of /readyz. */
  readyMs: number;
  /** Asks for what lies at a path under /v1/, or posts to it. @throws when it is not answered with 2xx. */
  ask<T>(path: string, body?: object): Promise<T>;
  /** Adds an endpoint for the event type; with a project it gets that project's events only. @returns its id */
  addEndpoint(type: string, url: string, project?: string): Promise<string>;
  /** Rejects when it ends by itself; settles in no other way. */
  failed: Promise<never>;
  /** Lets it end in order. */
  stop(): Promise<void>;
}

/** Does what `npm start` does, on a database, quiet and with a token of its own; `flags` are for node, `folder` is another checkout's. */
export async function startServer(
  databaseUrl: string,
  flags: readonly string[] = [],
  folder = process.cwd(),
): Promise<Server> {
  const token = randomBytes(24).toString('hex');
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, ...start] = scripts.start.split(' ');
  const startedAt = monotonicMs();
  const child = spawn(process.execPath, [...flags, ...start], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      HOOKLOOM_OPERATOR_TOKEN: token,
      HOOKLOOM_MASTER_KEY: MASTER_KEY,
      LOG_LEVEL: 'warn',
    },
  });
  // However the bench ends, no server stays behind.
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  let isStopping = false;
  const failed = new Promise<never>((_, reject) => {
    void ended.then((code) => {
      if (!isStopping) reject(new Error(`the server ended with ${code}`));
    });
  });
  failed.catch(() => undefined);
  const url = await Promise.race([listening(child), failed]);
  while ((await fetch(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 5));
  const readyMs = monotonicMs() - startedAt;
  async function ask<T>(path: string, body?: object): Promise<T> {
    const answer = await fetch(`${url}/v1/${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { data: T }).data;
  }
  return {
    url,
    token,
    pid: child.pid ?? 0,
    readyMs,
    failed,
    ask,
    async addEndpoint(type, target, project) {
      const scope = project === undefined ? {} : { project_id: project };
      return (await ask<{ id: string }>('webhook-endpoints', { name: 'bench', url: target, events: [type], ...scope }))
        .id;
    },
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
    },
  };
}

/** Waits for the line that says where it listens; what it warns of is shown. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      const found = /listens on (\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
      else if (text.includes('"level"')) process.stderr.write(text);
    });
  });
}
