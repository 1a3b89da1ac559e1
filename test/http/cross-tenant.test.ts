import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  contractOperations,
  type ParameterObject,
  readContract,
  resolve,
  type SchemaObject,
} from '../../server/http/contract.ts';
import { type Store, sqliteStore } from '../support/stores.ts';
import { type Answer, type Api, startApi } from './api.ts';
import { publishable } from './samples.ts';
import { makeTeam, rowsOfTeam, type Team } from './team.ts';

const contract = readContract();
/** Every operation that needs a team's token. */
const operations = contractOperations(contract).filter(
  ({ ability }) => ability !== null && ability !== 'operator' && ability !== 'metrics',
);
const withIds = operations.filter(({ path }) => path.includes('{'));

describe('a team’s token, on every operation of the contract', () => {
  let store: Store;
  let api: Api;
  let a: Team;
  let b: Team;
  before(async () => {
    store = await sqliteStore();
    api = await startApi({ store, rateLimits: { managementPerMinute: 0, testsPerMinute: 0 } });
    [a, b] = [await makeTeam(api, 'a'), await makeTeam(api, 'b')];
  });
  after(() => api[Symbol.asyncDispose]());

  for (const { id: name, method, path, object } of withIds)
    it(`${name} finds nothing under another team’s ids, and changes nothing of it`, async () => {
      const earlier = await rowsOfTeam(store, 'b');
      for (const id of Object.values(b.ids))
        for (const replayId of path.includes('{replay_id}') ? [b.ids.replay, a.ids.replay] : ['']) {
          const answer = await call(method, path.replace('{id}', id).replace('{replay_id}', replayId), object);
          // Unsubscribing is the same for every id that is not the team's hook.
          const expected = name === 'unsubscribeHook' ? 204 : 404;
          assert.equal(answer.status, expected, `${id}: ${answer.text}`);
          assertNothingOf(b, answer, `${id} ${replayId}`);
        }
      if (path.includes('{replay_id}')) {
        const own = path.replace('{id}', a.ids.endpoint).replace('{replay_id}', b.ids.replay);
        assert.equal((await call(method, own, object)).status, 404);
      }
      assert.deepEqual(await rowsOfTeam(store, 'b'), earlier);
    });

  for (const { id: name, method, path, object } of operations)
    it(`${name} does not act for another team`, async () => {
      const earlier = await rowsOfTeam(store, 'b');
      const own = path.replace('{id}', a.ids.endpoint).replace('{replay_id}', a.ids.replay);
      const answer = await call(method, own, object, { 'Team-Id': 'b' });
      assert.equal(answer.status, 404, answer.text);
      assert.equal(answer.json.code, 'team_not_found');
      assert.deepEqual(await rowsOfTeam(store, 'b'), earlier);
    });

  it('lists have no rows of another team, whatever they are filtered by', async () => {
    for (const { method, path, object } of operations.filter(
      (one) => one.method === 'get' && !one.path.includes('{'),
    )) {
      const names = (object.parameters ?? [])
        .map((parameter) => resolve<ParameterObject>(contract, parameter, '#').object)
        .filter((parameter) => parameter.in === 'query' && /_id$/.test(parameter.name));
      for (const query of ['', ...names.flatMap(({ name }) => Object.values(b.ids).map((id) => `?${name}=${id}`))]) {
        const answer = await call(method, path + query, object);
        assert.ok(answer.status < 500, answer.text);
        assertNothingOf(b, answer, query);
      }
    }
  });

  it('an event goes to no endpoint of another team, and another team’s event to none', async () => {
    const earlier = await rowsOfTeam(store, 'b');
    for (const [event, endpoint_id] of [
      [a.ids.event, b.ids.endpoint],
      [a.ids.event, b.ids.hook],
      [b.ids.event, a.ids.endpoint],
      [b.ids.event, b.ids.endpoint],
    ]) {
      const answer = await api.call('POST', `/v1/webhook-events/${event}/deliver`, {
        token: a.token,
        body: { endpoint_id },
      });
      assert.equal(answer.status, 404, answer.text);
    }
    const answer = await api.call('POST', '/v1/webhook-events', {
      token: a.token,
      body: { ...publishable(api).body, team_id: 'b' },
    });
    assert.equal(answer.status, 404, answer.text);
    assert.deepEqual(await rowsOfTeam(store, 'b'), earlier);
  });

  function call(
    method: string,
    path: string,
    object: (typeof operations)[number]['object'],
    headers = {},
  ): Promise<Answer> {
    const schema = object.requestBody?.content['application/json'].schema;
    const body = schema === undefined ? {} : { body: exampleOf(schema) };
    return api.call(method.toUpperCase(), path, { token: a.token, headers, ...body });
  }
});

/** The contract's own example of a body. */
function exampleOf(schema: SchemaObject): unknown {
  const { object } = resolve<SchemaObject & { examples?: unknown[] }>(contract, schema, '#');
  return object.examples?.[0] ?? {};
}

/** A reply may repeat what was asked for, and nothing else of the other team. */
function assertNothingOf(team: Team, answer: Answer, asked: string): void {
  for (const id of Object.values(team.ids))
    if (!asked.includes(id)) assert.ok(!answer.text.includes(id), `${id} in ${answer.text}`);
  assert.equal(answer.json?.data?.length ?? 0, asked === '' ? (answer.json?.data?.length ?? 0) : 0, answer.text);
}
