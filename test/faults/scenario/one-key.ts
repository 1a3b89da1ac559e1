import assert from 'node:assert/strict';
import { freePort } from '../../support/postgres-server.ts';
import type { Program } from '../../support/program.ts';
import { BOTH, type Scenario } from '../scenario.ts';
import { EVENT } from '../stage.ts';

const TWINS = 50;

/** The same request many times at once, with the server killed among them, and again afterwards. */
export const oneKey: Scenario = {
  number: 12,
  fault: '50 concurrent requests with one `Idempotency-Key`, kill -9 among them',
  passes: 'one row, no eternal 409',
  stores: BOTH,
  async play({ stage, scale }) {
    const rounds = scale === 'full' ? 6 : 2;
    const port = await freePort();
    let program = await stage.start({ port });
    await stage.watch(program, '/ok/kept');
    let answers = 0;
    let killed = 0;
    const ids = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      const isEvent = round % 2 === 0;
      const path = isEvent ? '/v1/webhook-events' : '/v1/webhook-endpoints';
      const body = isEvent ? EVENT : { url: `${stage.receiverUrl}/ok/unused-${round}`, events: ['plan.created'] };
      const ask = () => askTogether(program, path, body, `key-${round}`);
      // Killed as soon as so many are answered: none, a few, most.
      const after = [0, 1, 10, 30][round % 4] ?? 0;
      const first = ask();
      await first.answered(after);
      await stage.kill(program);
      const before = await first.all;
      program = await stage.start({ port });
      const again = await ask().all;
      assert.equal(again.length, TWINS, 'every request after the restart is answered');
      const replies = [...before, ...again];
      for (const { status, text } of replies) assert.equal(status, isEvent ? 202 : 201, text);
      const made = new Set(replies.map(({ id }) => id));
      assert.equal(made.size, 1, `one key made ${made.size} rows`);
      if (isEvent) for (const id of made) ids.add(id);
      answers += replies.length;
      killed += TWINS - before.length;
    }
    await stage.settle(program);
    const events = await program.call('GET', '/v1/webhook-events?limit=100');
    assert.deepEqual(new Set(events.json.data.map(({ id }: { id: string }) => id)), ids, 'events that are stored');
    assert.deepEqual(new Set(stage.receipts().map(({ id }) => id)), ids, 'events that were received');
    const endpoints = await program.call('GET', '/v1/webhook-endpoints?limit=100');
    assert.equal(endpoints.json.data.length, 1 + Math.floor(rounds / 2), 'endpoints that are stored');
    return `${rounds} keys, ${answers} requests answered alike and ${killed} cut off, one row each`;
  },
};

interface Reply {
  status: number;
  text: string;
  id: string;
}

/** Sends the request TWINS times at once. */
function askTogether(program: Program, path: string, body: object, key: string) {
  const replies: Reply[] = [];
  let isOver = false;
  const ask = async (): Promise<void> => {
    try {
      const { status, text, json } = await program.call('POST', path, { body, headers: { 'Idempotency-Key': key } });
      replies.push({ status, text, id: json.data?.id });
    } catch {
      // Cut off by the kill.
    }
  };
  const all = Promise.all(Array.from({ length: TWINS }, ask)).then(() => {
    isOver = true;
    return replies;
  });
  return {
    all,
    async answered(count: number): Promise<void> {
      while (!isOver && replies.length < count) await new Promise(setImmediate);
    },
  };
}
