import assert from 'node:assert/strict';
import { type Program, startProgram } from '../support/program.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { postgresStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

/** Two processes on one PostgreSQL, and a receiver. */
export interface Pair extends AsyncDisposable {
  a: Program;
  b: Program;
  /** The id of a's worker, as a lane's owner has it. */
  workerOfA: string;
  receiver: Receiver;
  /** What came to a path of the receiver. */
  at(path: string): Receiver['received'];
  /** Makes an endpoint for all events, through one of the processes. */
  create(program: Program, path: string): Promise<string>;
  remove(program: Program, endpointId: string): Promise<void>;
  /** Makes `count` endpoints (`<path>-<index>`) of which each process has leased some. */
  createShared(count: number, path: string): Promise<string[]>;
  /** The worker that has leased an endpoint's lane. */
  ownerOf(endpointId: string): Promise<string | null>;
  /** Resolves when nothing waits for an attempt any more. */
  settled(): Promise<void>;
}

/** Starts two processes; the first one alone for a moment, so that its worker can be told from the other's. */
export async function startPair(): Promise<Pair> {
  const store = await postgresStore();
  const db = await store.open();
  const receiver = await startReceiver();
  const a = await startProgram({ DATABASE_URL: store.url });

  const at: Pair['at'] = (path) => receiver.received.filter((request) => request.path === path);
  const create: Pair['create'] = async (program, path) => {
    const body = { url: `${receiver.url}${path}`, events: ['*'], timeout_ms: 30_000 };
    const made = await program.call('POST', '/v1/webhook-endpoints', { body });
    assert.equal(made.status, 201, made.text);
    return made.json.data.id;
  };
  const remove: Pair['remove'] = async (program, id) => {
    assert.equal((await program.call('DELETE', `/v1/webhook-endpoints/${id}`)).status, 204);
  };
  const ownerOf: Pair['ownerOf'] = async (id) =>
    (await db.get<{ owner: string | null }>('select owner from lane where endpoint_id = ?1', [id]))?.owner ?? null;
  const settled = (): Promise<void> =>
    until(
      async () => (await db.get("select 1 as waits from delivery where status in ('pending', 'failed')")) === undefined,
      'every delivery to settle',
      60_000,
    );
  /** Sends a test through a process: its worker then leases the lane, unless the other one is faster. */
  const warm = async (program: Program, id: string, path: string): Promise<void> => {
    assert.equal((await program.call('POST', `/v1/webhook-endpoints/${id}/test`)).status, 202);
    await until(() => at(path).length > 0, 'the test to arrive');
  };

  const first = await create(a, '/first');
  await warm(a, first, '/first');
  const workerOfA = (await ownerOf(first)) ?? assert.fail('nobody has the lane');
  await remove(a, first);
  const b = await startProgram({ DATABASE_URL: store.url });
  receiver.received.length = 0;
  return {
    a,
    b,
    workerOfA,
    receiver,
    at,
    create,
    remove,
    ownerOf,
    settled,
    async createShared(count, path) {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const id = await create(a, `${path}-${index}`);
        await warm(index % 2 === 0 ? a : b, id, `${path}-${index}`);
        ids.push(id);
      }
      const owners = new Set(await Promise.all(ids.map(ownerOf)));
      assert.ok(owners.size === 2 && owners.has(workerOfA), 'each process has lanes');
      await settled();
      receiver.received.length = 0;
      return ids;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([a.kill(), b.kill()]);
      await receiver.close();
      await db.close();
      await store.remove();
    },
  };
}
