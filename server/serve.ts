/** Reads the environment, starts the server, says how to try it, and ends in order. */
import { CatalogError } from './catalog/catalog-error.ts';
import type { Catalog } from './catalog/types.ts';
import { ConfigError, readConfig } from './config.ts';
import { dialects } from './delivery/dialect/dialects.ts';
import { firstSteps } from './first-steps.ts';
import { type Hookloom, startHookloom } from './hookloom.ts';
import { StorageUnavailable } from './storage/database.ts';
import { DatabaseTooNew } from './storage/migrate.ts';
import { DatabaseInUse, DatabaseUnusable } from './storage/sqlite.ts';
import { KeysUnusable } from './vault/key-source.ts';
import { MasterKeyWrong } from './vault/settle-keys.ts';

/** Faults of the surroundings: their messages say what to do, a stack trace would only hide that. */
const EXPECTED = [
  ConfigError,
  CatalogError,
  StorageUnavailable,
  DatabaseTooNew,
  DatabaseInUse,
  DatabaseUnusable,
  MasterKeyWrong,
  KeysUnusable,
];

/** Starts the server with what the environment says; resolves when it listens. Ends the process when it cannot start. */
export async function serve(): Promise<void> {
  let hookloom: Hookloom;
  try {
    hookloom = await startHookloom(readConfig(process.env, [...dialects.keys()], process.argv.slice(2)));
  } catch (error) {
    console.error(explain(error));
    process.exit(1);
  }
  // Whoever reads the output may be gone before the program is.
  process.stdout.on('error', () => undefined);
  stopOnSignals(hookloom);

  const { url, role, newOperatorToken, catalog } = hookloom;
  const only = role === 'all' ? '' : `; role ${role}`;
  console.log(`Hookloom listens on ${url} (${countTypes(catalog)} event types${only})`);
  if (newOperatorToken !== undefined) console.log(firstSteps(url, newOperatorToken, catalog));
}

function stopOnSignals(hookloom: Hookloom): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Leases cover what a second signal cuts off.
      if (isStopping) process.exit(1);
      isStopping = true;
      console.log('Stopping: finishing what is in flight (at most 15 s; signal again to stop at once)');
      hookloom.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(explain(error));
          process.exit(1);
        },
      );
    });
  }
}

function countTypes({ types }: Catalog): number {
  return [...types.values()].filter((type) => type.set !== 'system').length;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `Hookloom cannot start: ${error}`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `Hookloom cannot start: port ${process.env.PORT ?? 8787} is in use. Stop what listens there, or set PORT to another one.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `Hookloom cannot start: this machine has no address ${process.env.HOST}. Set HOST to one it has (127.0.0.1, 0.0.0.0).`;
  const isExpected = EXPECTED.some((kind) => error instanceof kind);
  return `Hookloom cannot start: ${isExpected ? error.message : error.stack}`;
}
