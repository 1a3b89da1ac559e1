import { killSqlite } from './scenario/kill-sqlite.ts';
import { noFault } from './scenario/no-fault.ts';
import { terminate } from './scenario/terminate.ts';
import type { Scenario } from './scenario.ts';

/** Every fault, by its number. */
export const scenarios: readonly Scenario[] = [noFault, killSqlite, terminate];
