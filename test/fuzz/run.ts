/**
 * Sends generated requests to a whole server and says what it answers wrongly; exits with 1 when something is.
 *
 *     npm run fuzz                                     10,000 requests on SQLite, with a seed of its own
 *     npm run fuzz -- --requests 100 --seed 7          the same requests each time
 *     npm run fuzz -- --postgres                       on PostgreSQL
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startPostgres } from '../support/postgres-server.ts';
import { postgresStore, sqliteStore } from '../support/stores.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    postgres: { type: 'boolean', default: false },
  },
});
const postgres = values.postgres ? await startPostgres() : null;
if (postgres !== null) process.env.TEST_POSTGRES_URL = postgres.url;
const started = performance.now();
try {
  const store = postgres === null ? await sqliteStore() : await postgresStore();
  console.log(`${values.requests} requests on ${store.name}, seed ${values.seed}`);
  const { statuses, operations } = await fuzz(store, Number(values.requests), Number(values.seed));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${operations} operations in ${seconds} s: ${JSON.stringify(statuses)}. Nothing is answered wrongly.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await postgres?.remove();
}
