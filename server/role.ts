import { parseArgs } from 'node:util';
import type { Role } from './model.ts';

const ROLES: readonly Role[] = ['all', 'api', 'worker'];

/**
 * What the process is to do: `--role` on the command line, else HOOKLOOM_ROLE, else everything.
 * Faults are added to `faults`.
 * @param args the command line's arguments, without program and file
 */
export function readRole(args: readonly string[], fromEnvironment: string, faults: string[]): Role {
  const given = flagOf(args, faults);
  const [name, value] = given === undefined ? ['HOOKLOOM_ROLE', fromEnvironment || 'all'] : ['--role', given];
  const role = ROLES.find((known) => known === value);
  if (role === undefined) faults.push(`${name} is "${value}"; it must be one of ${ROLES.join(', ')}`);
  return role ?? 'all';
}

function flagOf(args: readonly string[], faults: string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { role: { type: 'string' } } }).values.role;
  } catch {
    faults.push(
      `the arguments are "${args.join(' ')}"; the only one there is is --role, with one of ${ROLES.join(', ')}`,
    );
    return undefined;
  }
}
