import { parseArgs } from 'node:util';

/** What the command line and the environment ask for. */
export interface Wanted {
  engine: 'sqlite' | 'postgres';
  /** How often each measure runs; the report has medians. */
  runs: number;
  /** Names of measures, or undefined for all of them. */
  only: string[] | undefined;
  /** Tell where the server's time goes, instead of how fast it is. */
  profile: boolean;
}

/** Reads `npm run bench -- [--postgres] [--only raw,single] [--profile]` and RUNS. @throws on anything else. */
export function readArguments(args: string[], env: Record<string, string | undefined>): Wanted {
  const { values } = parseArgs({
    args,
    options: {
      postgres: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const runs = Number(env.RUNS ?? 3);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`RUNS is "${env.RUNS}"; it must be a whole number from 1`);
  return {
    engine: values.postgres ? 'postgres' : 'sqlite',
    runs,
    only: values.only?.split(','),
    profile: values.profile,
  };
}
