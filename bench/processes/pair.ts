/** Load and receiver in one process, so that one clock measures the way from a publish to its request at the receiver. */
import { Connection, postBytes } from '../wire/connection.ts';
import { monotonicMs } from '../wire/monotonic.ts';
import { receive } from '../wire/receive.ts';
import type { IdleJob, PacedJob, Timed } from './jobs.ts';

/** Enough of the 202 to find the event's id in it. */
const HEAD_OF_REPLY = 200;
/** What was sent late may take this long to arrive before it counts as lost. */
const PATIENCE_MS = 60_000;
const WEBHOOK_ID = Buffer.from('\r\nwebhook-id: ');
const ASIDE = Buffer.from('POST /aside');

let onReceipt: (id: string, at: number) => void = () => undefined;
let hangs = false;
let held: (() => void)[] = [];

const { url: receiverUrl } = await receive((head, answer) => {
  if (head.compare(ASIDE, 0, ASIDE.length, 0, ASIDE.length) === 0) {
    if (hangs) held.push(answer);
    else answer();
    return;
  }
  const at = monotonicMs();
  answer();
  const begin = head.indexOf(WEBHOOK_ID) + WEBHOOK_ID.length;
  const end = head.indexOf('\r\n', begin);
  onReceipt(head.toString('latin1', begin, end < 0 ? head.length : end), at);
});
process.on('message', async (job: IdleJob | PacedJob) => {
  const times = job.kind === 'idle' ? await measureIdle(job) : await measurePaced(job);
  process.send?.({ times } satisfies Timed);
});
process.on('disconnect', () => process.exit());
process.send?.({ url: receiverUrl });

async function measureIdle(job: IdleJob): Promise<number[]> {
  const connection = new Connection(job.url, HEAD_OF_REPLY);
  const requests = job.bodies.map((body) => postBytes(job.url, '/v1/webhook-events', job.token, body));
  const [least, most] = job.gapMs;
  const times: number[] = [];
  for (let index = 0; index < job.count; index += 1) {
    const receipt = new Promise<number>((resolve) => {
      onReceipt = (_, at) => resolve(at);
    });
    const sentAt = monotonicMs();
    const answered = new Promise<void>((resolve) => {
      connection.post(requests[index % requests.length] ?? Buffer.alloc(0), (reply) => {
        idIn(reply);
        resolve();
      });
    });
    times.push((await receipt) - sentAt);
    await answered;
    await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
  }
  connection.close();
  return times;
}

async function measurePaced(job: PacedJob): Promise<number[]> {
  const requests = job.bodies.map((body) => postBytes(job.url, '/v1/webhook-events', job.token, body));
  const free: Connection[] = [];
  const all: Connection[] = [];
  const times: number[] = [];
  /** Planned times of events that are answered and not received, and times of receipt of those not answered yet. */
  const planned = new Map<string, number>();
  const received = new Map<string, number>();
  const count = Math.round(job.rate * (job.warmUpSeconds + job.seconds));
  let countedFrom = 0;
  let matched = 0;
  let onAll: () => void = () => undefined;
  const match = (plannedAt: number, at: number): void => {
    if (plannedAt >= countedFrom) times.push(at - plannedAt);
    matched += 1;
    if (matched === count) onAll();
  };
  onReceipt = (id, at) => {
    const plannedAt = planned.get(id);
    if (plannedAt === undefined) received.set(id, at);
    else if (planned.delete(id)) match(plannedAt, at);
  };
  const post = (request: Buffer, onId: (id: string) => void): void => {
    let connection = free.pop();
    if (connection === undefined) {
      connection = new Connection(job.url, HEAD_OF_REPLY);
      all.push(connection);
    }
    const used = connection;
    used.post(request, (reply) => {
      free.push(used);
      onId(idIn(reply));
    });
  };

  const stopAside = startAside(job, post);
  const startedAt = monotonicMs();
  countedFrom = startedAt + job.warmUpSeconds * 1000;
  for (let sent = 0; sent < count; ) {
    for (const now = monotonicMs(); sent < count; sent += 1) {
      const plannedAt = startedAt + (sent * 1000) / job.rate;
      if (plannedAt > now) break;
      post(requests[sent % requests.length] ?? Buffer.alloc(0), (id) => {
        const at = received.get(id);
        if (at === undefined) planned.set(id, plannedAt);
        else if (received.delete(id)) match(plannedAt, at);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise<void>((resolve, reject) => {
    onAll = resolve;
    const fail = (): void => reject(new Error(`${count - matched} of ${count} events did not arrive`));
    const timer = setTimeout(fail, PATIENCE_MS);
    if (matched === count) resolve();
    timer.unref();
  });
  stopAside();
  for (const connection of all) connection.close();
  return times;
}

/** Publishes what goes to the endpoints under `/aside`; they hang, when they are to, until this is stopped. */
function startAside({ aside, url, token }: PacedJob, post: (request: Buffer, onId: () => void) => void): () => void {
  if (aside === undefined) return () => undefined;
  hangs = aside.hang;
  const request = postBytes(url, '/v1/webhook-events', token, aside.body);
  const publish = (): void => post(request, () => undefined);
  for (let index = 0; index < aside.burst; index += 1) publish();
  const timer = setInterval(publish, aside.everyMs);
  return () => {
    clearInterval(timer);
    hangs = false;
    for (const answer of held) answer();
    held = [];
  };
}

/** The event's id in a 202. @throws for any other answer. */
function idIn({ status, body }: { status: number; body: string }): string {
  const id = /"id":"([^"]+)"/.exec(body)?.[1];
  if (status !== 202 || id === undefined) throw new Error(`a publish was answered with ${status}: ${body}`);
  return id;
}
