import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FakeClock } from '../support/fake-clock.ts';
import { stores } from '../support/stores.ts';
import { type Answer, type Api, startApi } from './api.ts';
import { publishable } from './samples.ts';

const PATH = '/v1/webhook-events/batch';
const DAY_MS = 24 * 3600 * 1000;

for (const { name, make } of stores)
  describe(`publishing a batch on ${name}`, () => {
    const clock = new FakeClock();
    let api: Api;
    let body: ReturnType<typeof publishable>['body'];
    before(async () => {
      api = await startApi({ store: await make(), clock });
      body = publishable(api).body;
    });
    after(() => api[Symbol.asyncDispose]());

    const publish = (events: unknown[], headers: Record<string, string> = {}): Promise<Answer> =>
      api.call('POST', PATH, { body: { events }, headers });
    const statuses = (answer: Answer): number[] => answer.json.data.map((one: { status: number }) => one.status);
    const codes = (answer: Answer): string[] =>
      answer.json.data.map((one: { problem?: { code: string } }) => one.problem?.code ?? 'accepted');
    const ids = (answer: Answer): (string | undefined)[] =>
      answer.json.data.map((one: { event?: { id: string } }) => one.event?.id);
    const countEvents = async (project: string): Promise<number> =>
      (await api.call('GET', `/v1/webhook-events?limit=100&project_id=${project}`)).json.data.length;
    const numbered = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...body, id: `${prefix}-${index}` }));

    test('every event is answered in its place, in the shape in which it reads back', async () => {
      const answer = await publish(numbered('place', 3));
      assert.equal(answer.status, 202, answer.text);
      assert.deepEqual(ids(answer), ['place-0', 'place-1', 'place-2']);
      for (const entry of answer.json.data) {
        assert.deepEqual([entry.status, entry.deliveries], [202, 0]);
        const read = await api.call('GET', `/v1/webhook-events/${entry.event.id}`);
        assert.deepEqual(read.json.data, entry.event);
      }
    });

    test('a bad event rejects only itself, with the status and the code that it would have been answered alone', async () => {
      await publish([{ ...body, id: 'taken' }]);
      const { project_id: _, ...homeless } = body;
      const bad = [
        { ...body, type: 'no.such' },
        { ...body, type: 'webhook.test' },
        { ...body, data: { nonsense: 1 } },
        homeless,
        { ...body, id: 'taken', project_id: 'prj_other' },
        { ...body, id: 'with.dot' },
        { ...body, team_id: 'no_such_team' },
        { data: body.data },
        { ...body, nonsense: true },
        'a string',
        null,
        [body],
      ];
      const answer = await publish([body, ...bad, body]);
      assert.equal(answer.status, 202, answer.text);
      const entries = answer.json.data;
      assert.equal(entries.length, bad.length + 2);
      assert.deepEqual([entries[0].status, entries.at(-1).status], [202, 202]);
      for (const [index, event] of bad.entries()) {
        const alone = await api.call('POST', '/v1/webhook-events', { body: JSON.stringify(event) });
        const { status, problem } = entries[index + 1];
        assert.equal(status, alone.status, JSON.stringify(event));
        assert.equal(problem.status, status);
        assert.equal(problem.code, alone.json.code);
        assert.equal(problem.request_id, answer.headers.get('request-id'));
        const pointers = (errors: { pointer: string }[] | undefined) => errors?.map((one) => one.pointer);
        const expected = pointers(alone.json.errors)?.map((pointer) => `/events/${index + 1}${pointer}`);
        assert.deepEqual(pointers(problem.errors), expected);
      }
    });

    test('an id that comes twice in a batch is one event; with other content the second is a conflict', async () => {
      const answer = await publish([
        { ...body, id: 'twice' },
        { ...body, id: 'twice' },
        { ...body, id: 'twice', project_id: 'prj_other' },
      ]);
      assert.deepEqual(codes(answer), ['accepted', 'accepted', 'event_id_taken']);
      assert.deepEqual(answer.json.data[0], answer.json.data[1]);
      assert.deepEqual(statuses(await publish([{ ...body, id: 'twice' }])), [202]);
    });

    test('500 events are taken, and 501, none, or none in an array are refused as a whole', async () => {
      const answer = await publish(numbered('many', 500));
      assert.deepEqual(new Set(statuses(answer)), new Set([202]));
      assert.equal(ids(answer)[499], 'many-499');
      for (const wrong of [{ events: numbered('more', 501) }, { events: [] }, {}, [body], { events: body }]) {
        const refused = await api.call('POST', PATH, { body: wrong });
        assert.deepEqual([refused.status, refused.json.code], [422, 'validation_failed'], refused.text);
      }
      assert.equal((await api.call('GET', '/v1/webhook-events/more-0')).status, 404);
    });

    test('a body of up to 5 MB is taken, and a larger one answers 413 body_too_large', async () => {
      const text = JSON.stringify({ events: [body] });
      const limit = 5 * 1024 * 1024;
      const whole = await api.call('POST', PATH, { body: text.padEnd(limit, ' ') });
      assert.equal(whole.status, 202, whole.text.slice(0, 200));
      const larger = await api.call('POST', PATH, { body: text.padEnd(limit + 1, ' ') });
      assert.deepEqual([larger.status, larger.json.code], [413, 'body_too_large']);
      assert.match(larger.json.detail, /5242880/);
      const alone = await api.call('POST', '/v1/webhook-events', {
        body: JSON.stringify(body).padEnd(1024 * 1024 + 1, ' '),
      });
      assert.deepEqual([alone.status, alone.json.code], [413, 'body_too_large']);
    });

    test('the same batch under the same key answers the same and publishes nothing again', async () => {
      const events = Array.from({ length: 5 }, () => ({ ...body, project_id: 'prj_key' }));
      const first = await publish(events, { 'Idempotency-Key': 'batch-1' });
      const again = await publish(events, { 'Idempotency-Key': 'batch-1' });
      assert.equal(again.text, first.text);
      assert.equal(first.headers.get('idempotency-replayed'), null);
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.equal(await countEvents('prj_key'), 5);
      const other = await publish([...events, body], { 'Idempotency-Key': 'batch-1' });
      assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
      assert.equal(await countEvents('prj_key'), 5);
      // A batch's key is none of a single publish.
      const single = await api.call('POST', '/v1/webhook-events', { body, headers: { 'Idempotency-Key': 'batch-1' } });
      assert.equal(single.headers.get('idempotency-replayed'), null);
    });

    test('twenty twins at once under one key publish each event once, and all answer the same', async () => {
      const events = Array.from({ length: 10 }, () => ({ ...body, project_id: 'prj_twins' }));
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => publish(events, { 'Idempotency-Key': 'batch-twins' })),
      );
      assert.equal(new Set(answers.map((answer) => answer.text)).size, 1, answers[0]?.text);
      assert.deepEqual(new Set(answers.flatMap(statuses)), new Set([202]));
      assert.equal(await countEvents('prj_twins'), 10);
    });

    test('a rejected event leaves no record under the key; the accepted ones are answered as before', async () => {
      const events = [
        { ...body, id: 'kept' },
        { ...body, id: 'rejected', data: {} },
      ];
      const first = await publish(events, { 'Idempotency-Key': 'batch-2' });
      assert.deepEqual(codes(first), ['accepted', 'event_data_invalid']);
      const again = await publish(events, { 'Idempotency-Key': 'batch-2' });
      assert.deepEqual(again.json.data[0], first.json.data[0]);
      assert.deepEqual(codes(again), ['accepted', 'event_data_invalid']);
    });

    test('a key is forgotten after 24 hours', async () => {
      const events = [{ ...body, project_id: 'prj_day' }];
      const key = { 'Idempotency-Key': 'batch-day' };
      const first = await publish(events, key);
      clock.set(clock.now() + DAY_MS - 1);
      assert.equal((await publish(events, key)).text, first.text);
      clock.set(clock.now() + 1);
      assert.notEqual((await publish(events, key)).text, first.text);
      assert.equal(await countEvents('prj_day'), 2);
    });

    test('the operator may publish for several teams at once; a team may not for another', async () => {
      await api.call('POST', '/v1/teams', { body: { id: 'team_b', name: 'B' } });
      const answer = await publish([
        { ...body, id: 'of-b', team_id: 'team_b' },
        { ...body, id: 'of-default' },
      ]);
      assert.deepEqual(statuses(answer), [202, 202]);
      const inB = (id: string) => api.call('GET', `/v1/webhook-events/${id}`, { headers: { 'Team-Id': 'team_b' } });
      assert.equal((await inB('of-b')).status, 200);
      assert.equal((await inB('of-default')).status, 404);
      const differing = await publish([{ ...body, team_id: 'team_b' }, body], { 'Team-Id': 'default' });
      assert.deepEqual(codes(differing), ['validation_failed', 'accepted']);
      assert.equal(differing.json.data[0].problem.errors[0].pointer, '/events/0/team_id');

      const { token } = await api.makeToken(['webhook-event:publish']);
      const foreign = await api.call('POST', PATH, { token, body: { events: [{ ...body, team_id: 'team_b' }, body] } });
      assert.deepEqual(codes(foreign), ['team_not_found', 'accepted']);
    });

    test('a token that may not publish is refused', async () => {
      const { token } = await api.makeToken(['webhook-event:read']);
      const answer = await api.call('POST', PATH, { token, body: { events: [body] } });
      assert.deepEqual([answer.status, answer.json.code], [403, 'ability_missing']);
    });
  });
