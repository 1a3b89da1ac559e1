import type { Clock } from '../clock.ts';
import type { LaneSignals } from '../publish/publisher.ts';
import { type Channel, LONGEST_PAYLOAD } from '../storage/postgres-channel.ts';

/** At most one message in this time, whatever is committed meanwhile. */
const FLUSH_MS = 10;

/** `[teamId, endpointId, dueAt]`, or `[teamId, endpointId]` for an endpoint that changed. */
type Signal = [string, string, number] | [string, string];

export interface Broadcast extends LaneSignals {
  /** Hands a message of the channel to this process's worker. */
  receive(payload: string): void;
  /** Sets the way out; until then signals stay in this process. */
  connect(channel: Channel): void;
}

/**
 * Tells this process's worker at once, and those of other processes within 10 ms, what was committed.
 * A process without a worker (`local` undefined) sends the first signal at once, and gathers those of the next 10 ms: there
 * is nobody nearer to deliver it. One with a worker keeps its head start, which then has the delivery in memory.
 */
export function createBroadcast(local: LaneSignals | undefined, clock: Clock, sender: string): Broadcast {
  let channel: Channel | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let waiting = new Map<string, Signal>();
  let isScheduled = false;

  function send(signal: Signal): void {
    if (channel === undefined) return;
    const key = `${signal.length} ${signal[0]} ${signal[1]}`;
    // The earliest due time of several says from where to read.
    if (!waiting.has(key)) waiting.set(key, signal);
    if (isScheduled) return;
    isScheduled = true;
    const sinceLast = Math.max(clock.now() - flushedAt, 0);
    clock.after(local === undefined ? Math.max(FLUSH_MS - sinceLast, 0) : FLUSH_MS, flush);
  }

  function flush(): void {
    isScheduled = false;
    flushedAt = clock.now();
    const signals = [...waiting.values()];
    waiting = new Map();
    let part: Signal[] = [];
    let length = 0;
    const post = (): void => {
      // A lost message costs a moment: the other workers look out at intervals.
      if (part.length > 0) channel?.notify(JSON.stringify({ from: sender, signals: part })).catch(() => undefined);
      part = [];
      length = sender.length + 30;
    };
    post();
    for (const signal of signals) {
      const size = Buffer.byteLength(JSON.stringify(signal)) + 1;
      if (length + size > LONGEST_PAYLOAD) post();
      part.push(signal);
      length += size;
    }
    post();
  }

  return {
    wake(teamId, endpointId, dueAt, delivery) {
      local?.wake(teamId, endpointId, dueAt, delivery);
      send([teamId, endpointId, dueAt]);
    },
    endpointChanged(teamId, endpointId) {
      local?.endpointChanged(teamId, endpointId);
      send([teamId, endpointId]);
    },
    receive(payload) {
      if (local === undefined) return;
      const { from, signals } = JSON.parse(payload) as { from: string; signals: Signal[] };
      if (from === sender) return;
      for (const [teamId, endpointId, dueAt] of signals) {
        if (dueAt === undefined) local.endpointChanged(teamId, endpointId);
        else local.wake(teamId, endpointId, dueAt);
      }
    },
    connect(opened) {
      channel = opened;
    },
  };
}
