import { brokenRow } from './scenario/broken-row.ts';
import { cutOff } from './scenario/cut-off.ts';
import { diskFull } from './scenario/disk-full.ts';
import { dripping } from './scenario/dripping.ts';
import { flapping } from './scenario/flapping.ts';
import { heavyBodies } from './scenario/heavy-bodies.ts';
import { killInstances } from './scenario/kill-instances.ts';
import { killSqlite } from './scenario/kill-sqlite.ts';
import { movedClock } from './scenario/moved-clock.ts';
import { noFault } from './scenario/no-fault.ts';
import { oneKey } from './scenario/one-key.ts';
import { poison } from './scenario/poison.ts';
import { postgresStopped } from './scenario/postgres-stopped.ts';
import { retryAfter } from './scenario/retry-after.ts';
import { rotation } from './scenario/rotation.ts';
import { stoppedWorker } from './scenario/stopped-worker.ts';
import { terminate } from './scenario/terminate.ts';
import type { Scenario } from './scenario.ts';

/** Every fault, by its number. */
export const scenarios: readonly Scenario[] = [
  noFault,
  killSqlite,
  killInstances,
  postgresStopped,
  stoppedWorker,
  flapping,
  dripping,
  movedClock,
  diskFull,
  heavyBodies,
  retryAfter,
  oneKey,
  poison,
  terminate,
  rotation,
  brokenRow,
  cutOff,
];
