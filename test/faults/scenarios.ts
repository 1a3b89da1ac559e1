import { brokenRow } from './scenario/broken-row.ts';
import { dripping } from './scenario/dripping.ts';
import { flapping } from './scenario/flapping.ts';
import { heavyBodies } from './scenario/heavy-bodies.ts';
import { killSqlite } from './scenario/kill-sqlite.ts';
import { noFault } from './scenario/no-fault.ts';
import { oneKey } from './scenario/one-key.ts';
import { poison } from './scenario/poison.ts';
import { retryAfter } from './scenario/retry-after.ts';
import { rotation } from './scenario/rotation.ts';
import { terminate } from './scenario/terminate.ts';
import type { Scenario } from './scenario.ts';

/** Every fault, by its number. */
export const scenarios: readonly Scenario[] = [
  noFault,
  killSqlite,
  flapping,
  dripping,
  heavyBodies,
  retryAfter,
  oneKey,
  poison,
  terminate,
  rotation,
  brokenRow,
];
