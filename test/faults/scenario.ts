import type { Stage } from './stage.ts';

export type StoreName = 'SQLite' | 'PostgreSQL';
/** `full` is what `npm run faults` plays; `quick` is the same in seconds, for `npm test`. */
export type Scale = 'full' | 'quick';

/** What a scenario gets. */
export interface Play {
  store: StoreName;
  scale: Scale;
  /** A database, a publisher and a receiver of its own; what it starts is ended with it. */
  stage: Stage;
}

/** One fault, and what must hold all the same. */
export interface Scenario {
  number: number;
  fault: string;
  passes: string;
  stores: readonly StoreName[];
  /** Makes the database itself, where an ordinary one will not do. The stage removes it. */
  makeStore?: (store: StoreName) => Promise<Stage['store']>;
  /**
   * Plays it and answers with its numbers, for the table.
   * @throws when something did not hold; NotRun when it cannot be played here.
   */
  play(play: Play): Promise<string>;
}

/** The scenario needs what this machine does not grant (root, network namespaces, mounts): it was not run. */
export class NotRun extends Error {}

export const BOTH: readonly StoreName[] = ['SQLite', 'PostgreSQL'];
