/** A publisher in a process of its own, with a ledger: `node publisher-process.ts <ledger>`; its parent sends it jobs. */
import { type Dispatcher, Pool } from 'undici';
import { type ClientEntry, openLedger } from './ledger.ts';

/** Events to publish, to each address in turn. */
export interface PublishJob {
  urls: string[];
  token: string;
  /** Events are named `<prefix>-<number>`. */
  prefix: string;
  event: { type: string; data: unknown; project_id?: string };
  /** How many; as many as come until it is told to stop, when null. */
  count: number | null;
  /** Events a second at most, or as fast as they are answered, when null. */
  perSecond: number | null;
  connections: number;
}

const [ledgerPath = ''] = process.argv.slice(2);
const ledger = openLedger<ClientEntry>(ledgerPath);
/** A publisher that met a server that is away waits before the next event. */
const PAUSE_MS = 200;
/** A server that hangs is given up; what it does later counts as unanswered. */
const PATIENCE_MS = 20_000;

let isStopped = false;

async function publishAll(job: PublishJob): Promise<void> {
  const pools = job.urls.map((url) => new Pool(url, { connections: job.connections, headersTimeout: PATIENCE_MS }));
  const startedAt = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    while (!isStopped && (job.count === null || next < job.count)) {
      const index = next;
      next += 1;
      if (job.perSecond !== null) await sleep(startedAt + (index * 1000) / job.perSecond - performance.now());
      await publish(
        [...pools.slice(index % pools.length), ...pools.slice(0, index % pools.length)],
        job,
        `${job.prefix}-${index}`,
      );
    }
  };
  await Promise.all(Array.from({ length: job.connections }, work));
  await Promise.all(pools.map((pool) => pool.destroy()));
}

/** Publishes to the first address that listens, as a load balancer would. */
async function publish(pools: readonly Pool[], job: PublishJob, id: string): Promise<void> {
  ledger.write({ entry: 'sent', id, type: job.event.type, at: Date.now() });
  try {
    const { statusCode, body } = await post(pools, job, JSON.stringify({ id, ...job.event }));
    const text = await body.text();
    const code = statusCode < 400 ? null : (JSON.parse(text) as { code: string }).code;
    ledger.write({ entry: 'replied', id, at: Date.now(), status: statusCode, code });
    if (statusCode >= 500) await sleep(PAUSE_MS);
  } catch (error) {
    ledger.write({ entry: 'failed', id, at: Date.now(), error: error instanceof Error ? error.message : `${error}` });
    await sleep(PAUSE_MS);
  }
}

async function post(
  [pool, ...others]: readonly Pool[],
  job: PublishJob,
  body: string,
): Promise<Dispatcher.ResponseData> {
  if (pool === undefined) throw new Error('nobody listens');
  const headers = { authorization: `Bearer ${job.token}`, 'content-type': 'application/json' };
  try {
    return await pool.request({ method: 'POST', path: '/v1/webhook-events', headers, body });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ECONNREFUSED') throw error;
    return post(others, job, body);
  }
}

function sleep(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

process.on('message', (message: { publish: PublishJob } | 'stop') => {
  if (message === 'stop') {
    isStopped = true;
    return;
  }
  isStopped = false;
  void publishAll(message.publish).then(() => process.send?.({ done: true }));
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
