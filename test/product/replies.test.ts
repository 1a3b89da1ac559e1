import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stage, setStage } from './stage.ts';

describe('what a receiver answers', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage[Symbol.asyncDispose]());

  /** Delivers one event to an endpoint of its own and hands over how the first attempt ended. */
  const firstAttempt = async (status: string, more: Record<string, unknown> = {}) => {
    const id = await stage.create('/receiver', more);
    const event = await stage.publish('team.created');
    const delivery = await stage.deliveryIn(status, id, event.id);
    await stage.remove(id);
    const [attempt, ...others] = delivery.attempts;
    assert.ok(attempt);
    assert.deepEqual(others, []);
    return { ...attempt, next_attempt_at: delivery.next_attempt_at };
  };

  for (const status of [301, 302, 303, 307, 308])
    it(`${status}: a redirect is a failure, and is not followed`, async () => {
      stage.receiver.received.length = 0;
      stage.receiver.answer = (_, response) =>
        response.writeHead(status, { Location: `${stage.receiver.url}/elsewhere` }).end();
      const attempt = await firstAttempt('failed');
      assert.equal(attempt.status, status);
      assert.ok(attempt.next_attempt_at);
      assert.deepEqual(stage.at('/elsewhere'), []);
    });

  for (const status of [200, 201, 202, 204, 299])
    it(`${status} is success`, async () => {
      stage.receiver.answer = (_, response) => response.writeHead(status).end();
      assert.equal((await firstAttempt('delivered')).status, status);
    });

  for (const status of [400, 404, 429, 500])
    it(`${status} is tried again`, async () => {
      stage.receiver.answer = (_, response) => response.writeHead(status).end('why');
      const attempt = await firstAttempt('failed');
      assert.deepEqual([attempt.status, attempt.reply_body], [status, 'why']);
    });

  it('200 KB are not read to their end, and the first 4 KB are kept', async () => {
    const reply = 'abcdefgh'.repeat(200 * 128);
    stage.receiver.answer = (_, response) => response.writeHead(200).end(reply);
    const attempt = await firstAttempt('delivered');
    assert.equal(attempt.reply_body, reply.slice(0, 4096));
    assert.equal(attempt.error, null);
  });

  it('a reply without end ends with what was read of it', async () => {
    stage.receiver.answer = (_, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16 * 1024)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    };
    assert.equal((await firstAttempt('delivered')).reply_body?.length, 4096);
  });

  for (const [what, begin] of [
    ['head', false],
    ['body', true],
  ] as const)
    it(`a reply whose ${what} drips ends when the endpoint's own time is over, and is a failure`, async () => {
      const drips: NodeJS.Timeout[] = [];
      stage.receiver.answer = (_, response) => {
        const { socket } = response;
        socket?.write('HTTP/1.1 200 OK\r\n');
        if (begin) socket?.write('Content-Length: 1000000\r\n\r\n');
        drips.push(setInterval(() => socket?.write(begin ? '.' : 'X-Drip: 1\r\n'), 20));
      };
      const attempt = await firstAttempt('failed', { timeout_ms: 1000 });
      for (const drip of drips) clearInterval(drip);
      assert.match(attempt.error ?? '', /no complete reply within 1000 ms/);
      // Timers fire up to a millisecond early.
      assert.ok(attempt.duration_ms >= 950 && attempt.duration_ms < 5000, `${attempt.duration_ms} ms`);
      assert.equal(attempt.status, begin ? 200 : null);
    });

  it('a connection that breaks off in the middle of a reply is a failure, whatever its status was', async () => {
    stage.receiver.answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('only this');
      setImmediate(() => response.destroy());
    };
    const attempt = await firstAttempt('failed');
    assert.notEqual(attempt.error, null);
  });

  it('Retry-After moves the next attempt, between the step of the policy and twice that', async () => {
    for (const [header, least, most] of [
      ['0', 5, 5],
      ['7', 7, 7],
      ['1000000000000', 10, 10],
      ['Fri, 31 Dec 9999 23:59:59 GMT', 10, 10],
    ] as const) {
      stage.receiver.answer = (_, response) => response.writeHead(503, { 'Retry-After': header }).end();
      const before = Date.now();
      const attempt = await firstAttempt('failed');
      const wait = Date.parse(attempt.next_attempt_at ?? '') - before;
      assert.ok(wait >= least * 1000 && wait <= most * 1000 + (Date.now() - before), `${header}: ${wait} ms`);
    }
  });
});
