/**
 * Plays the faults and prints how each went; exits with 1 when one failed.
 *
 *     npm run faults              all of them
 *     npm run faults -- 7 12      some of them, by number
 *     npm run faults -- quick     all of them at the scale of `npm test`
 *
 * `SQLite` or `PostgreSQL` among the arguments plays on that store alone.
 */
import { startPostgres } from '../support/postgres-server.ts';
import { type Played, play } from './play.ts';
import type { Scale, Scenario, StoreName } from './scenario.ts';
import { scenarios } from './scenarios.ts';

interface Row extends Played {
  scenario: Scenario;
  store: StoreName;
}

const words = process.argv.slice(2);
const numbers = words.filter((word) => /^\d+$/.test(word)).map(Number);
const scale: Scale = words.includes('quick') ? 'quick' : 'full';
const isAskedFor = (store: StoreName): boolean =>
  words.includes(store) || !(words.includes('SQLite') || words.includes('PostgreSQL'));
const chosen = scenarios.filter(({ number }) => numbers.length === 0 || numbers.includes(number));
if (chosen.length === 0) throw new Error(`there is no scenario ${numbers.join(', ')}`);

// What scenarios made outside of their folders goes on exit, and an interrupt would otherwise be none.
process.on('SIGINT', () => process.exit(130));
const postgres = await startPostgres();
process.env.TEST_POSTGRES_URL = postgres.url;
const rows: Row[] = [];
try {
  for (const scenario of chosen)
    for (const store of scenario.stores.filter(isAskedFor)) {
      process.stdout.write(`${scenario.number} ${scenario.fault} on ${store} … `);
      const row = { scenario, store, ...(await play(scenario, store, scale)) };
      console.log(`${row.result}, ${row.seconds} s`);
      if (row.result !== 'passed') console.log(row.says);
      rows.push(row);
    }
} finally {
  await postgres.remove();
}

console.log('\n| # | fault | store | result | s | numbers |\n|---|---|---|---|---|---|');
for (const { scenario, store, result, seconds, says } of rows)
  console.log(
    `| ${scenario.number} | ${scenario.fault} | ${store} | ${result === 'passed' ? result : result.toUpperCase()} | ${seconds} | ${says.split('\n', 1)[0]} |`,
  );
const count = (result: Played['result']): number => rows.filter((row) => row.result === result).length;
console.log(`\n${count('passed')} passed, ${count('failed')} failed, ${count('not run')} NOT RUN.`);
process.exit(count('failed') > 0 ? 1 : 0);
