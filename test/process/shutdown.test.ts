import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { OPERATOR_TOKEN } from '../http/api.ts';
import { shutGate } from '../support/gate.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type OwnEvent, publishMany } from '../support/publish-many.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;
const eventsNamed = (prefix: string, count: number): OwnEvent[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}-${index}`, type, data }));

interface Setting {
  store: Store;
  receiver: Receiver;
  program: Program;
}

for (const { name, make } of stores)
  describe(`a server on ${name} that is told to stop`, { concurrency: true }, () => {
    async function withProgram(test: (setting: Setting) => Promise<void>): Promise<void> {
      const store = await make();
      const receiver = await startReceiver();
      const program = await startProgram({ DATABASE_URL: store.url });
      const body = { url: receiver.url, events: ['*'] };
      assert.equal((await program.call('POST', '/v1/webhook-endpoints', { body })).status, 201);
      try {
        await test({ store, receiver, program });
      } finally {
        await program.kill();
        await receiver.close();
        await store.remove();
      }
    }

    it('by SIGTERM under load finishes what is in flight, exits with 0, and neither loses nor repeats anything', () =>
      withProgram(async ({ store, receiver, program }) => {
        const gate = shutGate();
        receiver.answer = gate.answer;
        const publishing = publishMany(program.url, eventsNamed('own', 1000));
        await until(() => gate.held() >= 10 && publishing.answered.size >= 50, 'attempts and publishes in flight');
        program.signal('SIGTERM');
        await until(() => program.said().includes('Stopping'), 'the signal to be heard');
        // The receivers answer only now, and the server waits for them.
        const inFlight = receiver.received.map((request) => request.json.id);
        gate.open();
        const { code } = await program.ended;
        assert.equal(code, 0);
        await publishing.done;
        assert.deepEqual(publishing.refused, []);
        assert.ok(publishing.answered.size < 1000, 'the signal came after the last answer');
        assert.ok(inFlight.every((id) => publishing.answered.has(id)));

        await using next = await startProgram({ DATABASE_URL: store.url });
        await settled(next);
        // What was stored was answered, what was answered was stored, and each of it was sent once.
        const received = receiver.received.map((request) => request.json.id);
        assert.deepEqual(received.toSorted(), [...publishing.answered].toSorted());
        assert.ok(receiver.received.every((request) => request.headers['hookloom-attempt'] === '1'));
      }));

    if (name === 'SQLite')
      it('answers a request of which it has read the half, on Ctrl+C too', () =>
        withProgram(async ({ program, receiver }) => {
          const body = JSON.stringify({ id: 'half', type, data });
          const socket = connect(Number(new URL(program.url).port), '127.0.0.1');
          const reply = text(socket);
          const head = [
            'POST /v1/webhook-events HTTP/1.1',
            'Host: hookloom',
            `Authorization: Bearer ${OPERATOR_TOKEN}`,
          ];
          head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
          // "100 Continue" says that the server has read the head.
          head.push('Expect: 100-continue', '', '');
          socket.write(head.join('\r\n'));
          await new Promise((resolve) => socket.once('data', resolve));
          socket.write(body.slice(0, 20));
          program.signal('SIGINT');
          await until(() => program.said().includes('Stopping'), 'the signal to be heard');
          await refusesConnections(program);
          socket.write(body.slice(20));
          assert.match(await reply, /HTTP\/1\.1 202 Accepted/);
          assert.equal((await program.ended).code, 0);
          assert.ok(receiver.received.length <= 1);
        }));

    it('ends at once on a second signal, and what was cut off is sent again by the next one', () =>
      withProgram(async ({ store, receiver, program }) => {
        const gate = shutGate();
        receiver.answer = gate.answer;
        await publishMany(program.url, eventsNamed('own', 5)).done;
        await until(() => gate.held() === 5, 'attempts in flight');
        program.signal('SIGTERM');
        await until(() => program.said().includes('Stopping'), 'the signal to be heard');
        program.signal('SIGTERM');
        // Without the second signal it would wait for the receiver, which never answers.
        assert.equal((await program.ended).code, 1);
        gate.open();
        // There the lease must run out first, which kill.test.ts waits for.
        if (store.name === 'PostgreSQL') return;
        await using next = await startProgram({ DATABASE_URL: store.url });
        await settled(next);
        const ids = receiver.received.map((request) => request.json.id);
        assert.deepEqual(
          ids.toSorted(),
          eventsNamed('own', 5).flatMap(({ id }) => [id, id]),
        );
      }));
  });

async function settled({ call }: Program): Promise<void> {
  await until(
    async () => (await call('GET', '/v1/webhook-deliveries?status=pending&limit=1')).json.data.length === 0,
    'all deliveries to settle',
    40_000,
  );
}

/** Resolves when the server listens no more. */
async function refusesConnections(program: Program): Promise<void> {
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const probe = connect(Number(new URL(program.url).port), '127.0.0.1');
        probe.on('connect', () => {
          probe.destroy();
          resolve(false);
        });
        probe.on('error', () => resolve(true));
      }),
    'the server to refuse connections',
  );
}
