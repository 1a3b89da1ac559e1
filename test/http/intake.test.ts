import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Intake } from '../../server/http/intake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { OPERATOR_TOKEN, startApi } from './api.ts';
import { publishable } from './samples.ts';

const KB = 1024;

/** Batches that want in, and those that are. */
function line(clock = new FakeClock()) {
  const intake = new Intake(clock);
  const entered: string[] = [];
  const leave = new Map<string, () => void>();
  return {
    clock,
    entered,
    ask(name: string, bytes?: number): void {
      const [teamId = ''] = name.split(' ');
      void intake.enter(teamId, bytes).then((done) => {
        entered.push(name);
        leave.set(name, done);
      });
    },
    async leave(name: string): Promise<void> {
      leave.get(name)?.();
      await new Promise(setImmediate);
    },
  };
}

describe('batches are let in', () => {
  test('while those under way are small, however large the next one is', async () => {
    const { ask, entered, leave } = line();
    for (const [name, bytes] of [
      ['a 1', 200 * KB],
      ['a 2', 5000 * KB],
      ['a 3', 1 * KB],
      ['a 4', 300 * KB],
      ['a 5', 1 * KB],
    ] as const)
      ask(name, bytes);
    await leave('none');
    assert.deepEqual(entered, ['a 1', 'a 2']);
    await leave('a 1');
    assert.deepEqual(entered, ['a 1', 'a 2'], 'the large one fills it alone');
    await leave('a 2');
    assert.deepEqual(entered.slice(2), ['a 3', 'a 4']);
    await leave('a 3');
    await leave('a 3');
    assert.equal(entered.length, 4, 'a place is given back once');
    await leave('a 4');
    assert.equal(entered.at(-1), 'a 5');
  });

  test('team by team, and one whose length is not known as a full one', async () => {
    const { ask, entered, leave } = line();
    for (const name of ['a 1', 'a 2', 'a 3', 'a 4', 'b 1', 'b 2', 'c 1']) ask(name);
    for (let count = 0; count < 7; count += 1) await leave(entered.at(-1) ?? 'none');
    assert.deepEqual(entered, ['a 1', 'a 2', 'b 1', 'c 1', 'a 3', 'b 2', 'a 4']);
  });

  test('after 250 ms in spite of one that does not end, and after a second in spite of a long line', async () => {
    const { ask, entered, clock } = line();
    for (let count = 1; count <= 20; count += 1) ask(`a ${count}`);
    await clock.advance(249);
    assert.equal(entered.length, 1);
    await clock.advance(1);
    assert.equal(entered.length, 2);
    await clock.advance(749);
    assert.equal(entered.length, 4);
    await clock.advance(1);
    assert.equal(entered.length, 20);
  });
});

test('a batch is answered beside others whose bodies do not come, and whose callers leave the line', async () => {
  const clock = new FakeClock();
  await using api = await startApi({ clock });
  const { port } = new URL(api.url);
  const stuck = await Promise.all(Array.from({ length: 4 }, () => beginBatch(Number(port))));
  const { body } = publishable(api);
  const answering = api.call('POST', '/v1/webhook-events/batch', { body: { events: [body] } });
  // Two of those that wait give up; their turn comes all the same.
  for (const socket of stuck.slice(2)) socket.destroy();
  let status = 0;
  void answering.then((answer) => {
    status = answer.status;
  });
  await clock.advanceUntil(() => status !== 0, 'the answer');
  assert.equal(status, 202);
  for (const socket of stuck) socket.destroy();
});

/** Sends the head of a batch of 300 KB, and nothing of its body. */
async function beginBatch(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/webhook-events/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${OPERATOR_TOKEN}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${300 * KB}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await once(socket, 'data');
  return socket;
}
