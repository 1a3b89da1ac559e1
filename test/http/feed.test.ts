import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { stores } from '../support/stores.ts';
import { type Answer, type Api, OPERATOR_TOKEN, startApi } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

for (const { name, make } of stores)
  describe(`the feed on ${name}`, () => {
    let api: Api;
    before(async () => {
      api = await startApi({ store: await make() });
    });
    after(() => api[Symbol.asyncDispose]());

    const read = (after: string, query = ''): Promise<Answer> =>
      api.call('GET', `/v1/webhook-events?after=${after}${query}`);
    const ids = (answer: Answer): string[] => answer.json.data.map((event: { id: string }) => event.id);
    const publish = async (more: object = {}): Promise<string> => {
      const answer = await api.call('POST', '/v1/webhook-events', { body: { ...publishable(api).body, ...more } });
      assert.equal(answer.status, 202, answer.text);
      return answer.json.data.id;
    };
    /** The cursor behind all that there is. */
    const end = async (query = ''): Promise<string> => {
      let cursor = '0';
      for (;;) {
        const answer = await read(cursor, `&limit=100${query}`);
        cursor = answer.json.next_cursor;
        if (answer.json.data.length === 0) return cursor;
      }
    };

    test('lists oldest first from after=0, page by page, and its cursor is never null', async () => {
      const project_id = 'prj_order';
      const published = [await publish({ project_id }), await publish({ project_id }), await publish({ project_id })];
      const first = await read('0', '&project_id=prj_order&limit=2');
      assert.equal(first.status, 200, first.text);
      assert.deepEqual(ids(first), published.slice(0, 2));
      const second = await read(first.json.next_cursor, '&project_id=prj_order&limit=2');
      assert.deepEqual(ids(second), published.slice(2));
      const third = await read(second.json.next_cursor, '&project_id=prj_order&limit=2');
      assert.deepEqual(ids(third), []);
      assert.equal(third.json.next_cursor, second.json.next_cursor);
      published.push(await publish({ project_id }));
      assert.deepEqual(ids(await read(third.json.next_cursor, '&project_id=prj_order')), published.slice(3));
    });

    test('has the filters of the list, and what they keep back moves the cursor on all the same', async () => {
      const start = await end();
      const other = publishable(api, 'team');
      const teamEvent = await publish({ type: other.type.name, data: other.sample.data, project_id: null });
      const inProject = await publish({ project_id: 'prj_filter' });
      const endpoint = await api.call('POST', '/v1/webhook-endpoints', { body: { url: DEAD_TARGET, events: ['*'] } });
      const test = await api.call('POST', `/v1/webhook-endpoints/${endpoint.json.data.id}/test`);
      assert.deepEqual(ids(await read(start)), [teamEvent, inProject]);
      assert.deepEqual(ids(await read(start, `&type=${other.type.name}`)), [teamEvent]);
      assert.deepEqual(ids(await read(start, '&project_id=prj_filter')), [inProject]);
      assert.deepEqual(ids(await read(start, '&is_test=true')), [test.json.data.event_id]);
      const none = await read(start, '&project_id=prj_none');
      assert.deepEqual(ids(none), []);
      assert.notEqual(none.json.next_cursor, start);
    });

    test('of an empty team has a cursor too, and it serves when there are events', async () => {
      await api.call('POST', '/v1/teams', { body: { id: 'team_new', name: 'New' } });
      const headers = { 'Team-Id': 'team_new' };
      const empty = await api.call('GET', '/v1/webhook-events?after=0', { headers });
      assert.deepEqual(ids(empty), []);
      const own = await publish({ team_id: 'team_new' });
      const next = await api.call('GET', `/v1/webhook-events?after=${empty.json.next_cursor}`, { headers });
      assert.deepEqual(ids(next), [own]);
    });

    test('a cursor of the list, of another server or made up answers 400 cursor_invalid', async () => {
      await publish();
      await publish();
      const list = await api.call('GET', '/v1/webhook-events?limit=1');
      const ahead = Buffer.from('feed 999999').toString('base64url');
      for (const cursor of [list.json.next_cursor, 'nonsense', '1', ahead]) {
        const answer = await read(cursor);
        assert.deepEqual([answer.status, answer.json.code], [400, 'cursor_invalid'], cursor);
        assert.equal(answer.json.errors[0].pointer, 'after');
      }
      const feed = await read('0');
      const swapped = await api.call('GET', `/v1/webhook-events?cursor=${feed.json.next_cursor}`);
      assert.equal(swapped.json.code, 'cursor_invalid');
    });

    test('after together with cursor, wait without after, and a wait over 30 answer 400 parameter_invalid', async () => {
      for (const query of ['after=0&cursor=x', 'wait=1', 'after=0&wait=31', 'after=0&wait=-1', 'after=0&wait=x']) {
        const answer = await api.call('GET', `/v1/webhook-events?${query}`);
        assert.deepEqual([answer.status, answer.json.code], [400, 'parameter_invalid'], query);
      }
    });

    test('with wait answers at once when there is something', async () => {
      const start = await end();
      const id = await publish();
      const began = performance.now();
      assert.deepEqual(ids(await read(start, '&wait=30')), [id]);
      assert.ok(performance.now() - began < 5000);
    });

    test('with wait answers as soon as an event is committed, to more than the database has connections for', async () => {
      const start = await end();
      const waiting = Array.from({ length: 50 }, () => read(start, '&wait=30'));
      const id = await publish();
      for (const answer of await Promise.all(waiting)) assert.deepEqual(ids(answer), [id]);
    });

    test('with wait is not woken by what its filters keep back', async () => {
      const start = await end();
      const waiting = read(start, '&wait=30&project_id=prj_awaited');
      for (let count = 0; count < 20; count += 1) await publish({ project_id: 'prj_noise' });
      const id = await publish({ project_id: 'prj_awaited' });
      assert.deepEqual(ids(await waiting), [id]);
    });

    test('with wait answers an empty page with the cursor when nothing came', async () => {
      const start = await end();
      const began = performance.now();
      const answer = await read(start, '&wait=1');
      assert.ok(performance.now() - began >= 990);
      assert.deepEqual([answer.status, answer.json], [200, { data: [], next_cursor: start }]);
    });

    test('ends its waiting when the server stops, with an empty page', async () => {
      const mine = await startApi({ store: await make() });
      const socket = connect(Number(new URL(mine.url).port), '127.0.0.1');
      const reply = text(socket);
      const head = [
        'GET /v1/webhook-events?after=0&wait=30 HTTP/1.1',
        'Host: h',
        `Authorization: Bearer ${OPERATOR_TOKEN}`,
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      // What is asked later and answered shows that the request has been read.
      for (let count = 0; count < 3; count += 1) await mine.call('GET', '/readyz');
      const began = performance.now();
      await mine[Symbol.asyncDispose]();
      assert.ok(performance.now() - began < 5000);
      assert.match(await reply, /^HTTP\/1\.1 200 OK[\s\S]*\{"data":\[\],"next_cursor":"\w+"\}$/);
    });
  });
