import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Backlog, Role } from '../model.ts';
import { type AttemptRecord, replyClassOf } from './attempt-record.ts';
import { processMetrics } from './process-metrics.ts';

/** What the server counts. The three that hot code calls cost about a microsecond each at most. */
export interface Metrics {
  /** An event was committed, with so many deliveries. A repeated publish is none. */
  published(deliveries: number): void;
  /** An attempt has ended. */
  attempted(attempt: AttemptRecord): void;
  /** A group of so many publishes and settlements was committed, in so many milliseconds. */
  committed(size: number, durationMs: number): void;
  /** Everything as Prometheus reads it (text format 0.0.4). */
  scrape(): Promise<{ contentType: string; text: string }>;
  /** Ends what measures the event loop. */
  stop(): void;
}

export interface MetricsParts {
  version: string;
  role: Role;
  /** The last count of what waits; undefined when there is none. */
  readBacklog(): Promise<Backlog | undefined>;
  /** Lanes that this process has leased. */
  countLeasedLanes(): number;
}

const ATTEMPT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Up to a day, since a delivery may wait for its receiver. */
const RECEIPT_BUCKETS = [0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600, 86_400];
const COMMIT_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const SIZE_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** The server's metrics, in a registry of their own. Listed for operators in docs/operating/monitoring.md. */
export function createMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const build = new Gauge({
    name: 'hookloom_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'role'],
    registers,
  });
  build.set({ version: parts.version, role: parts.role }, 1);
  const events = new Counter({
    name: 'hookloom_events_published_total',
    help: 'Events that this process committed; repeated publishes are not counted.',
    registers,
  });
  const deliveries = new Counter({
    name: 'hookloom_deliveries_created_total',
    help: 'Deliveries that came of these events.',
    registers,
  });
  const attempts = new Counter({
    name: 'hookloom_attempts_total',
    help: 'Attempts that this process made, by what became of the delivery and by what came back.',
    labelNames: ['outcome', 'reply'],
    registers,
  });
  const attemptDuration = new Histogram({
    name: 'hookloom_attempt_duration_seconds',
    help: 'From the start of an attempt to the end of its reply, by what became of the delivery.',
    labelNames: ['outcome'],
    buckets: ATTEMPT_BUCKETS,
    registers,
  });
  const receipt = new Histogram({
    name: 'hookloom_publish_to_receipt_seconds',
    help: 'From the acceptance of an event to the first 2xx of a receiver, retries included and replays not.',
    buckets: RECEIPT_BUCKETS,
    registers,
  });
  const commitSize = new Histogram({
    name: 'hookloom_commit_batch_size',
    help: 'Publishes and settlements in one commit.',
    buckets: SIZE_BUCKETS,
    registers,
  });
  const commitDuration = new Histogram({
    name: 'hookloom_commit_duration_seconds',
    help: 'From the start of a transaction to its commit on disk.',
    buckets: COMMIT_BUCKETS,
    registers,
  });
  // Present from the start, so that the first failure is an increase and not a new series.
  for (const outcome of ['delivered', 'failed', 'dead']) attemptDuration.zero({ outcome });
  attempts.inc({ outcome: 'delivered', reply: '2xx' }, 0);
  for (const reply of ['3xx', '4xx', '5xx', 'timeout', 'none'])
    for (const outcome of ['failed', 'dead']) attempts.inc({ outcome, reply }, 0);
  const setBacklog = backlogMetrics(registers);
  const leased = new Gauge({ name: 'hookloom_lanes_leased', help: 'Lanes that this process has leased.', registers });
  const ownProcess = processMetrics(registers);

  return {
    published(count) {
      events.inc();
      deliveries.inc(count);
    },
    attempted(attempt) {
      const { outcome } = attempt;
      attempts.inc({ outcome, reply: replyClassOf(attempt) });
      attemptDuration.observe({ outcome }, attempt.durationMs / 1000);
      if (outcome === 'delivered' && attempt.acceptedAt !== null)
        receipt.observe(Math.max(attempt.endedAt - attempt.acceptedAt, 0) / 1000);
    },
    committed(size, durationMs) {
      commitSize.observe(size);
      commitDuration.observe(durationMs / 1000);
    },
    async scrape() {
      setBacklog(await parts.readBacklog());
      leased.set(parts.countLeasedLanes());
      ownProcess.collect();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
    stop: ownProcess.stop,
  };
}

/** What all processes share, so that each of them tells the same: take the maximum of them, not the sum. */
function backlogMetrics(registers: Registry[]): (backlog: Backlog | undefined) => void {
  const waiting = new Gauge({
    name: 'hookloom_backlog_deliveries',
    help: 'Deliveries that wait for an attempt, retries included, in the whole installation.',
    registers,
  });
  const oldest = new Gauge({
    name: 'hookloom_oldest_due_age_seconds',
    help: 'For how long the oldest delivery that waits has been due; 0 when none is due.',
    registers,
  });
  const counted = new Gauge({
    name: 'hookloom_backlog_counted_timestamp_seconds',
    help: 'When the backlog and the lanes were counted.',
    registers,
  });
  const lanes = new Gauge({
    name: 'hookloom_lanes',
    help: 'Lanes of the whole installation: open, backing off, or closed because the endpoint is paused or disabled.',
    labelNames: ['state'],
    registers,
  });
  return (backlog) => {
    // Without a count there is no series, which an alert can tell from a backlog of 0.
    if (backlog === undefined) {
      for (const gauge of [waiting, oldest, counted]) gauge.remove();
      lanes.reset();
      return;
    }
    const { countedAt, oldestDueAt } = backlog;
    waiting.set(backlog.deliveries);
    oldest.set(oldestDueAt === null ? 0 : Math.max(countedAt - oldestDueAt, 0) / 1000);
    counted.set(countedAt / 1000);
    for (const [state, count] of Object.entries(backlog.lanes)) lanes.set({ state }, count);
  };
}
