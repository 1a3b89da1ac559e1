import type { Child } from './processes/child.ts';
import type { Sample } from './sample.ts';
import type { Server } from './server.ts';
import type { BenchStore } from './store.ts';

/** Is told when the measured part of a measurement begins and ends; `pid` is the server's. */
export interface Probe {
  begin(pid: number): void;
  end(pid: number, deliveries: number): void;
}

/** What measures share: the other processes, the store, the event. */
export interface Bench {
  store: BenchStore;
  sample: Sample;
  receiver: Child;
  receiverUrl: string;
  load: Child;
  /** Load and receiver in one process, for latencies. */
  pair: Child;
  pairUrl: string;
  probe: Probe;
  /** Runs the program on a new database, for one measurement; `prepare` fills the database before the start. */
  withServer<T>(measure: (server: Server) => Promise<T>, prepare?: (databaseUrl: string) => Promise<void>): Promise<T>;
}

/** Values by name, such as `single.rate`. */
export type Values = Record<string, number>;

export interface Measure {
  name: string;
  /** Measures of the same run whose values this one reads. */
  needs?: readonly string[];
  /** Takes minutes, so it runs once, however many runs there are. */
  once?: boolean;
  /** Measures once; `found` has the values of this run so far. @returns its values, or in words why there are none. */
  run(bench: Bench, found: Values): Promise<Values | string>;
}
