/** What the bench asks of its processes, and what they answer. Times are milliseconds of the monotonic clock. */

/** For the raw limit. */
export interface RawJob {
  url: string;
  body: string;
  count: number;
  connections: number;
}

/** For the load: POSTs as fast as they are answered, as many at once as there are connections. */
export interface PublishJob {
  url: string;
  path: string;
  token: string;
  bodies: string[];
  count: number;
  connections: number;
}

export interface Done {
  startedAt: number;
  endedAt: number;
}

/** For the receiver: begin to count, and tell when each of these counts is reached. */
export interface CountJob {
  marks: number[];
}

export interface Counted {
  /** Which mark, from 0 on. */
  mark: number;
  reachedAt: number;
}

/** For the pair: one publish at a time on an idle server. */
export interface IdleJob {
  kind: 'idle';
  url: string;
  token: string;
  bodies: string[];
  count: number;
  /** The wait between two publishes is between these, in milliseconds. */
  gapMs: [number, number];
}

/** For the pair: publishes at fixed times, whether or not earlier ones are answered. */
export interface PacedJob {
  kind: 'paced';
  url: string;
  token: string;
  bodies: string[];
  /** Publishes a second. */
  rate: number;
  /** What the first seconds bring is not counted. */
  warmUpSeconds: number;
  seconds: number;
  /** Events for endpoints under `/aside`: some at the beginning, then one at intervals. They are not timed. */
  aside?: { body: string; burst: number; everyMs: number; hang: boolean };
}

/** Milliseconds from each publish (its planned time, when paced) to its request at the receiver, complete. */
export interface Timed {
  times: number[];
}
