import { spawnSync } from 'node:child_process';
import { NotRun } from './scenario.ts';

/** A host of its own: a network namespace, joined to this one by a cable (a veth pair). */
export interface Host {
  name: string;
  /** This machine's address on the cable, from the host. */
  gateway: string;
  /** The command that starts others there. */
  through: readonly string[];
  /** Pulls the cable, or puts it back. */
  cut(): void;
  join(): void;
}

/** Networks for tests alone (RFC 2544 sets 198.18.0.0/15 aside for them), one for each host. */
const NETWORK = '198.18';

/**
 * Makes hosts; `remove` ends them.
 * @throws NotRun where network namespaces cannot be made.
 */
export function makeHosts(names: readonly string[]): { hosts: Host[]; remove(): void } {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new NotRun('needs Linux and root, for network namespaces');
  const made: string[] = [];
  const remove = (): void => {
    // The cable goes with its end.
    for (const name of made.splice(0)) spawnSync('ip', ['netns', 'del', name]);
  };
  // Also when the runner is interrupted, or fails itself.
  process.once('exit', remove);
  const hosts = names.map((name, index): Host => {
    const space = `hookloom-${process.pid}-${name}`;
    const cable = `hl${process.pid % 100_000}${name}`.slice(0, 13);
    const network = `${NETWORK}.${(process.pid + index) % 256}`;
    const gateway = `${network}.1`;
    try {
      ip('netns', 'add', space);
      made.push(space);
      ip('link', 'add', `${cable}0`, 'type', 'veth', 'peer', 'name', `${cable}1`, 'netns', space);
      ip('address', 'add', `${gateway}/24`, 'dev', `${cable}0`);
      ip('link', 'set', `${cable}0`, 'up');
      ip('-n', space, 'address', 'add', `${network}.2/24`, 'dev', `${cable}1`);
      ip('-n', space, 'link', 'set', `${cable}1`, 'up');
      ip('-n', space, 'link', 'set', 'lo', 'up');
    } catch (error) {
      remove();
      throw new NotRun(`network namespaces cannot be made here: ${error instanceof Error ? error.message : error}`);
    }
    return {
      name,
      gateway,
      through: ['ip', 'netns', 'exec', space],
      cut: () => ip('-n', space, 'link', 'set', `${cable}1`, 'down'),
      join: () => ip('-n', space, 'link', 'set', `${cable}1`, 'up'),
    };
  });
  return { hosts, remove };
}

function ip(...args: string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr || error}`);
}
