import assert from 'node:assert/strict';
import type { RetryPolicy } from '../../server/delivery/retry.ts';
import { closedEgress } from '../../server/egress/egress-settings.ts';
import type { SendRequest } from '../../server/egress/send.ts';
import type { SendResult } from '../../server/egress/send-result.ts';
import { removeEndpoint } from '../../server/endpoint/remove.ts';
import { retireEndpoint } from '../../server/endpoint/retire.ts';
import { updateEndpoint } from '../../server/endpoint/update.ts';
import { newId } from '../../server/id.ts';
import type { DeliveryRow } from '../../server/model.ts';
import type { Database } from '../../server/storage/database.ts';
import { insertReplay, makeDueNow } from '../../server/storage/deliveries-retry.ts';
import { takeLane } from '../../server/storage/endpoint-gate.ts';
import { readEndpoint } from '../../server/storage/endpoints.ts';
import { armLane } from '../../server/storage/publishing.ts';
import { catalog, type Engine, makeEngine, TEAM, testPoster } from '../support/engine.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { testVault } from '../support/vault.ts';
import { type Answer, resultOf } from './answer.ts';
import { type Life, mortalClock, mortalDatabase, toLiving } from './mortal.ts';

/** Short waits, so that hours need not pass; as many kinds of end as the shipped policies have. */
const POLICY: RetryPolicy = {
  name: 'short',
  waits: [1000, 4000, 15_000],
  jitter: 0.2,
  disableAfter: { failures: 6, forMs: 5000 },
};
const TIMEOUT_MS = 2000;
const STEP_MS = 1000;
const FINAL = new Set(['delivered', 'dead', 'cancelled']);

interface Known {
  id: string;
  isDeleted: boolean;
  /** Something happened that cancels what waits: a delete, a discard, a 410. */
  mayCancel: boolean;
  answers: Answer[];
  attempts: number;
}

/** Endpoints, their receivers and the process that delivers to them, with what must hold whatever happens to them. */
export class World {
  readonly #db: Database;
  readonly #clock: FakeClock;
  readonly #endpoints: Known[] = [];
  readonly #expected: { eventId: string; endpoint: Known }[] = [];
  /** Deliveries that a receiver has taken, and that it has answered with 410. */
  readonly #taken = new Set<string>();
  readonly #gone = new Set<string>();
  /** Deliveries that were seen in a final state. */
  readonly #final = new Map<string, string>();
  readonly #faults: string[] = [];
  #life: Life = { isOver: false };
  #engine: Engine;

  constructor(db: Database, clock: FakeClock) {
    this.#db = db;
    this.#clock = clock;
    this.#engine = this.#start();
  }

  #start(): Engine {
    const life: Life = { isOver: false };
    this.#life = life;
    const db = mortalDatabase(this.#db, life);
    const clock = mortalClock(this.#clock, life);
    const engine = makeEngine(db, clock, () => 0.5, {
      retryPolicies: new Map([[POLICY.name, POLICY]]),
      poster: testPoster({ send: (request) => toLiving(life, this.#receive(request)), close: async () => undefined }),
      retire: async (teamId, id) => {
        await retireEndpoint({ db, clock, tell: async () => undefined }, teamId, id);
      },
    });
    engine.worker.start();
    return engine;
  }

  /** What a receiver does with an attempt. */
  async #receive({ url, headers }: SendRequest): Promise<SendResult> {
    const id = headers['hookloom-delivery'] ?? '';
    const endpoint = this.#endpoint(Number(new URL(url).pathname.slice(1)));
    const before = this.#final.get(id);
    if (before !== undefined) this.#faults.push(`an attempt of ${id} began after it was ${before}`);
    const answer = endpoint.answers[endpoint.attempts++ % endpoint.answers.length] ?? 'takes';
    // The receiver acts before its answer is on the way: a crash in between leaves a repeat, never a loss.
    if (answer === 'takes') this.#taken.add(id);
    if (answer === 'is gone') {
      this.#gone.add(id);
      endpoint.mayCancel = true;
    }
    await new Promise<void>((resolve) => this.#clock.after(answer === 'times out' ? TIMEOUT_MS : 20, resolve));
    return resultOf(answer);
  }

  #endpoint(index: number): Known {
    return this.#endpoints[index % this.#endpoints.length] ?? assert.fail('no endpoint');
  }

  async addEndpoint(isOrdered: boolean): Promise<void> {
    const id = await this.#engine.addEndpoint({
      url: `http://receiver.test/${this.#endpoints.length}`,
      events: '["team.created"]',
      retry_policy: POLICY.name,
      timeout_ms: TIMEOUT_MS,
      max_in_flight: 3,
      ordered: isOrdered ? 1 : 0,
    });
    this.#endpoints.push({ id, isDeleted: false, mayCancel: false, answers: ['takes'], attempts: 0 });
  }

  async publish(count: number): Promise<void> {
    for (let published = 0; published < count; published += 1) {
      const eventId = await this.#engine.publishSample('team.created');
      for (const endpoint of this.#endpoints) if (!endpoint.isDeleted) this.#expected.push({ eventId, endpoint });
    }
  }

  answer(index: number, answers: Answer[]): void {
    this.#endpoint(index).answers = answers;
  }

  /** The process dies where it stands; another one starts, and may have the lanes when the lease is over. */
  crash(): void {
    this.#life.isOver = true;
    this.#engine = this.#start();
  }

  async change(index: number, change: { state: 'active' | 'paused'; held?: 'deliver' | 'discard' }): Promise<void> {
    const endpoint = this.#endpoint(index);
    if (endpoint.isDeleted) return;
    if (change.held === 'discard') endpoint.mayCancel = true;
    const now = this.#clock.now();
    const key = { teamId: TEAM, id: endpoint.id };
    await this.#db.transaction((tx) => updateEndpoint(tx, RULES, key, change, ALL_RIGHTS, now));
    this.#engine.worker.endpointChanged(TEAM, endpoint.id);
    this.#engine.worker.wake(TEAM, endpoint.id, now);
  }

  async delete(index: number): Promise<void> {
    const endpoint = this.#endpoint(index);
    endpoint.mayCancel = true;
    endpoint.isDeleted = true;
    await this.#db.transaction((tx) => removeEndpoint(tx, { teamId: TEAM, id: endpoint.id }, this.#clock.now()));
    this.#engine.worker.endpointChanged(TEAM, endpoint.id);
  }

  /** Retries the newest delivery of an endpoint, as its owner may: what is final is made anew, what failed is due now. */
  async retry(index: number): Promise<void> {
    const { id } = this.#endpoint(index);
    const now = this.#clock.now();
    await this.#db.transaction(async (tx) => {
      const lane = await takeLane(tx, TEAM, id);
      const delivery = await tx.get<DeliveryRow>(
        'select * from delivery where team_id = ?1 and endpoint_id = ?2 order by id desc limit 1',
        [TEAM, id],
      );
      if (lane?.is_open !== 1 || delivery === undefined || delivery.status === 'pending') return;
      await armLane(tx, TEAM, id, now);
      if (delivery.status === 'failed') await makeDueNow(tx, TEAM, delivery.id, now);
      else await insertReplay(tx, delivery, newId('dlv'), now);
    });
    this.#engine.worker.wake(TEAM, id, now);
  }

  moveClock(ms: number): void {
    this.#clock.set(this.#clock.now() + ms);
  }

  /** Lets time pass in steps, so that what is written can keep up. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      for (let turn = 0; turn < 4; turn += 1) {
        await this.#clock.advance(Math.min(left, STEP_MS) / 4);
        await this.#db.transaction((tx) => tx.get('select 1'));
      }
    }
  }

  /** Checks what must hold at every moment. */
  async check(): Promise<void> {
    for (const delivery of await this.#deliveries()) {
      const { id, status, attempt_count: attempts } = delivery;
      const before = this.#final.get(id);
      if (before !== undefined && before !== status) this.#faults.push(`${id} was ${before} and is ${status}`);
      if (!FINAL.has(status)) continue;
      this.#final.set(id, status);
      const endpoint = this.#endpoints.find((one) => one.id === delivery.endpoint_id);
      if (status === 'delivered' && !this.#taken.has(id)) this.#faults.push(`${id} is delivered, and nobody took it`);
      if (status === 'cancelled' && endpoint?.mayCancel !== true) this.#faults.push(`${id} was cancelled by nobody`);
      if (status === 'dead' && attempts <= POLICY.waits.length && !this.#gone.has(id))
        this.#faults.push(`${id} is dead after ${attempts} attempts`);
    }
    assert.deepEqual(this.#faults, []);
  }

  /** The receivers get well, whoever is paused or disabled is resumed, and time passes: everything must come to its end. */
  async end(): Promise<void> {
    for (const [index, endpoint] of this.#endpoints.entries()) {
      endpoint.answers = ['takes'];
      const row = await readEndpoint(this.#db, TEAM, endpoint.id);
      if (row !== undefined && row.state !== 'active') await this.change(index, { state: 'active' });
    }
    let waiting: DeliveryRow[] = [];
    for (let round = 0; round < 60; round += 1) {
      await this.pass(5000);
      await this.check();
      waiting = (await this.#deliveries()).filter(({ status }) => !FINAL.has(status));
      if (waiting.length === 0) break;
      // An attempt that failed before may have been the one that disabled its endpoint.
      for (const [index, endpoint] of this.#endpoints.entries())
        if ((await readEndpoint(this.#db, TEAM, endpoint.id))?.state === 'disabled')
          await this.change(index, { state: 'active' });
    }
    assert.deepEqual(
      waiting.map(({ id, status, endpoint_id }) => ({ id, status, endpoint_id })),
      [],
      'everything that waits is delivered in the end',
    );
    const known = new Set((await this.#deliveries()).map((one) => `${one.event_id} ${one.endpoint_id}`));
    for (const { eventId, endpoint } of this.#expected)
      assert.ok(known.has(`${eventId} ${endpoint.id}`), `${eventId} is lost`);
  }

  /** Ends the process and takes its endpoints away. */
  async dispose(): Promise<void> {
    this.#life.isOver = true;
    for (const { id } of this.#endpoints)
      await this.#db.transaction((tx) => removeEndpoint(tx, { teamId: TEAM, id }, this.#clock.now()));
  }

  #deliveries(): Promise<DeliveryRow[]> {
    const ids = this.#endpoints.map((_, index) => `?${index + 2}`);
    return this.#db.all(
      `select * from delivery where team_id = ?1 and endpoint_id in (${ids.join(', ')}) order by id`,
      [TEAM, ...this.#endpoints.map(({ id }) => id)],
    );
  }
}

const ALL_RIGHTS = { isPersonal: true, projects: null, barredFamilies: [] };
const RULES = {
  catalog,
  dialects: new Map(),
  retryPolicies: new Set([POLICY.name]),
  defaultDialect: 'standard',
  quota: 0,
  target: closedEgress(true).policy,
  vault: testVault,
};
