import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBroadcast } from '../../server/delivery/broadcast.ts';
import type { LaneSignals } from '../../server/publish/publisher.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A broadcast whose messages are kept with the time at which they went out. */
function hear(local: LaneSignals | undefined) {
  const clock = new FakeClock(0);
  const messages: { at: number; endpoints: string[] }[] = [];
  const broadcast = createBroadcast(local, clock, 'wrk_1');
  broadcast.connect({
    async notify(payload) {
      const { signals } = JSON.parse(payload) as { signals: [string, string][] };
      messages.push({ at: clock.now(), endpoints: signals.map(([, endpointId]) => endpointId) });
    },
    close: async () => undefined,
  });
  return { clock, broadcast, messages };
}

test('without a worker of its own a process tells the others at once, and then at most once in 10 ms', async () => {
  const { clock, broadcast, messages } = hear(undefined);
  broadcast.wake('team', 'a', 0);
  broadcast.wake('team', 'b', 0);
  broadcast.wake('team', 'a', 0);
  await clock.advance(3);
  broadcast.endpointChanged('team', 'c');
  await clock.advance(3);
  broadcast.wake('team', 'd', 6);
  await clock.advance(50);
  broadcast.wake('team', 'e', 56);
  await clock.advance(50);
  assert.deepEqual(messages, [
    { at: 0, endpoints: ['a', 'b'] },
    { at: 10, endpoints: ['c', 'd'] },
    { at: 56, endpoints: ['e'] },
  ]);
});

test('with a worker of its own a process wakes that one first, and the others 10 ms later', async () => {
  const woken: string[] = [];
  const local = { wake: (_: string, endpointId: string) => woken.push(endpointId), endpointChanged: () => undefined };
  const { clock, broadcast, messages } = hear(local);
  broadcast.wake('team', 'a', 0);
  assert.deepEqual(woken, ['a']);
  await clock.advance(9);
  broadcast.wake('team', 'b', 9);
  await clock.advance(50);
  assert.deepEqual(messages, [{ at: 10, endpoints: ['a', 'b'] }]);
});

test('a clock that is set back delays a message by no more than 10 ms', async () => {
  const { clock, broadcast, messages } = hear(undefined);
  await clock.advance(7_200_000);
  broadcast.wake('team', 'a', 0);
  await clock.advance(0);
  clock.set(0);
  broadcast.wake('team', 'b', 0);
  await clock.advance(10);
  assert.deepEqual(
    messages.map(({ endpoints }) => endpoints),
    [['a'], ['b']],
  );
});

test('what others say reaches the worker, and what the process itself said does not come back', () => {
  const heard: unknown[] = [];
  const broadcast = createBroadcast(
    {
      wake: (...signal) => heard.push(signal),
      endpointChanged: (...signal) => heard.push(signal),
    },
    new FakeClock(),
    'wrk_1',
  );
  const signals = [
    ['team', 'a', 5],
    ['team', 'b'],
  ];
  broadcast.receive(JSON.stringify({ from: 'wrk_1', signals }));
  broadcast.receive(JSON.stringify({ from: 'wrk_2', signals }));
  assert.deepEqual(heard, signals);
});
