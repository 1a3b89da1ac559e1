import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../../server/catalog/load.ts';
import { OPERATOR_TOKEN } from '../http/api.ts';
import { type Launch, type Program, startProgram } from '../support/program.ts';
import type { Store } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Child, startChild } from './child.ts';
import { type ClientEntry, followLedger, type ReceiverEntry } from './ledger.ts';
import type { PublishJob } from './publisher-process.ts';
import { type Receipt, receiptsOf } from './receipts.ts';
import { assertSound, judge, type Verdict, type Watched } from './verdict.ts';

/** How the real program is started. */
export interface Cast extends Launch {
  /** A port to come back on, so that publishers find it again. */
  port?: number;
  env?: Record<string, string>;
}

/** A publisher at work. */
export interface Publishing {
  stop(): void;
  /** Resolves when it has published everything, or has been stopped. */
  done: Promise<void>;
}

/** What a scenario plays on: a database, publishers and a receiver in processes of their own, and their ledgers. */
export interface Stage extends AsyncDisposable {
  store: Store;
  folder: string;
  receiverUrl: string;
  /** Starts the program on the stage's database; it is killed with the stage at the latest. */
  start(cast?: Cast): Promise<Program>;
  /** kill -9; the verdict knows of it. */
  kill(program: Program): Promise<void>;
  /** When something broke in the midst of its work: what a receiver said right before need not have been written down. */
  breaks: number[];
  /** Makes an endpoint at a path of the receiver that the verdict watches. */
  watch(program: Program, path: string, more?: { events?: string[] } & Record<string, unknown>): Promise<Watched>;
  /** Deletes it. */
  unwatch(program: Program, endpoint: Watched): Promise<void>;
  /** Publishes events `<prefix>-<number>` from a process of its own. */
  publish(urls: readonly string[], job?: Partial<PublishJob>, through?: readonly string[]): Promise<Publishing>;
  /** A receiver beside the first one, which writes into the same ledger. */
  addReceiver(host: string, port: number, through: readonly string[]): Promise<void>;
  client(): readonly ClientEntry[];
  receipts(): Receipt[];
  /** Resolves when as many requests have come. */
  received(count: number, ms?: number): Promise<void>;
  endpoints: Watched[];
  /** Resolves when no delivery waits for an attempt any more. */
  settle(program: Program, ms?: number): Promise<void>;
  /** The common verdict, sound. @throws when it is not. */
  verdict(program: Program): Promise<Verdict>;
}

const catalog = loadCatalog('events.json');

/** The event that publishers publish unless told otherwise. */
export const EVENT = sampleOf('team.created');

/** The first sample of an event type, as it is published. */
export function sampleOf(type: string): PublishJob['event'] {
  const sample = catalog.types.get(type)?.samples[0];
  assert.ok(sample);
  return { type, data: sample.data, ...(sample.project_id === null ? {} : { project_id: sample.project_id }) };
}

/** Opens a stage on a database, which is removed with it. */
export async function openStage(store: Store): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-faults-'));
  const clientLedger = join(folder, 'client.jsonl');
  const receiverLedger = join(folder, 'receiver.jsonl');
  const children: Child[] = [];
  const programs: Program[] = [];
  const receiver = startChild('receiver-process.ts', [receiverLedger]);
  children.push(receiver);
  const { port } = (await receiver.next()) as { port: number };
  const endpoints: Watched[] = [];
  const breaks: number[] = [];
  const received = followLedger<ReceiverEntry>(receiverLedger);
  let publishers = 0;

  const stage: Stage = {
    store,
    folder,
    receiverUrl: `http://127.0.0.1:${port}`,
    endpoints,
    async start({ port: fixed, env = {}, ...launch } = {}) {
      const place = { DATABASE_URL: store.url, ...(fixed === undefined ? {} : { PORT: String(fixed) }) };
      const program = await startProgram({ ...place, ...env }, [], launch);
      programs.push(program);
      return program;
    },
    breaks,
    async kill(program) {
      await program.kill();
      breaks.push(Date.now());
    },
    async watch({ call }, path, more = {}) {
      const body = { url: `${stage.receiverUrl}${path}`, events: ['*'], ...more };
      const made = await call('POST', '/v1/webhook-endpoints', { body });
      assert.equal(made.status, 201, made.text);
      const endpoint: Watched = {
        id: made.json.data.id,
        path,
        events: body.events,
        secrets: [made.json.secret],
        createdAt: Date.now(),
        removal: null,
      };
      endpoints.push(endpoint);
      return endpoint;
    },
    async unwatch({ call }, endpoint) {
      const askedAt = Date.now();
      assert.equal((await call('DELETE', `/v1/webhook-endpoints/${endpoint.id}`)).status, 204);
      endpoint.removal = { askedAt, doneAt: Date.now() };
    },
    async publish(urls, job = {}, through = []) {
      const publisher = startChild('publisher-process.ts', [clientLedger], through);
      children.push(publisher);
      await publisher.next();
      publishers += 1;
      const whole: PublishJob = {
        token: OPERATOR_TOKEN,
        prefix: `event-${publishers}`,
        event: EVENT,
        count: null,
        perSecond: null,
        connections: 32,
        ...job,
        urls: [...urls],
      };
      publisher.send({ publish: whole });
      const done = publisher.next().then(() => publisher.stop());
      // A scenario that has failed already waits for nobody.
      done.catch(() => undefined);
      return { stop: () => publisher.send('stop'), done };
    },
    async addReceiver(host, at, through) {
      const another = startChild('receiver-process.ts', [receiverLedger, String(at), host], through);
      children.push(another);
      await another.next();
    },
    client: followLedger<ClientEntry>(clientLedger),
    receipts: () => receiptsOf(received()),
    async received(count, ms = 30_000) {
      const enough = (): boolean => received().filter((one) => one.entry === 'request').length >= count;
      await until(enough, `${count} requests`, ms);
    },
    async settle({ call }, ms = 60_000) {
      const isSettled = async (): Promise<boolean> => {
        for (const status of ['pending', 'failed']) {
          const page = await call('GET', `/v1/webhook-deliveries?status=${status}&limit=1`);
          if (page.status !== 200 || page.json.data.length > 0) return false;
        }
        return true;
      };
      await until(() => isSettled().catch(() => false), 'every delivery to settle', ms);
    },
    async verdict({ call }) {
      const found = await judge({ client: stage.client(), receipts: stage.receipts(), endpoints, breaks, call });
      assertSound(found);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(programs.map((program) => program.kill()));
      await Promise.all(children.map((child) => child.stop()));
      await store.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return stage;
}
