/** What the bench asks of its processes. */
export type Job =
  | { kind: 'raw'; url: string; body: string; count: number; connections: number }
  | { kind: 'publish'; url: string; token: string; bodies: string[]; count: number; connections: number }
  | { kind: 'latency'; url: string; token: string; bodies: string[]; count: number; gapMs: number };

/** How long it took; `times` in milliseconds for a latency job. */
export interface Outcome {
  seconds: number;
  times?: number[];
}
