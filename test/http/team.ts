import assert from 'node:assert/strict';
import { ABILITIES } from '../../server/token/abilities.ts';
import { askBeside, tablesBeside } from '../support/ask-beside.ts';
import type { Store } from '../support/stores.ts';
import type { Answer, Api } from './api.ts';
import { DEAD_TARGET, publishable } from './samples.ts';

/** A team with one of everything that has an id. */
export interface Team {
  token: string;
  ids: Record<'endpoint' | 'hook' | 'event' | 'delivery' | 'replay' | 'token', string>;
}

/**
 * A team with one of everything that has an id. Its endpoint is paused, so that nothing of it changes by itself.
 * @param words stand wherever the team may write freely
 */
export async function makeTeam(api: Api, id: string, words = id): Promise<Team> {
  const insist = async (method: string, path: string, options: object): Promise<Answer['json']> => {
    const answer = await api.call(method, path, options);
    assert.ok(answer.status < 300, answer.text);
    return answer.json;
  };
  await insist('POST', '/v1/teams', { body: { id, name: words } });
  const made = await insist('POST', '/v1/tokens', {
    headers: { 'Team-Id': id },
    body: { name: words, abilities: [...ABILITIES] },
  });
  const { token } = made;
  const post = (path: string, body: object) => insist('POST', path, { token, body });
  const target = { url: `${DEAD_TARGET}/${words}`, events: ['*'] };
  const endpoint = (await post('/v1/webhook-endpoints', target)).data.id;
  const hook = (await post('/v1/webhook-subscriptions', target)).data.id;
  for (const one of [endpoint, hook])
    await insist('PATCH', `/v1/webhook-endpoints/${one}`, { token, body: { state: 'paused' } });
  const event = (await post('/v1/webhook-events', publishable(api).body)).data.id;
  const deliveries = await insist('GET', `/v1/webhook-deliveries?endpoint_id=${endpoint}`, { token });
  const replay = (await post(`/v1/webhook-endpoints/${endpoint}/replays`, { since: '2026-01-01T00:00:00Z' })).data.id;
  await insist('POST', `/v1/webhook-endpoints/${endpoint}/replays/${replay}/cancel`, { token, body: {} });
  return { token, ids: { endpoint, hook, event, delivery: deliveries.data[0].id, replay, token: made.data.id } };
}

/** Every row that is a team's, by table; tables without any are left out. */
export async function rowsOfTeam(store: Store, team: string): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const table of await tablesBeside(store)) {
    const [one] = await askBeside(store, `select * from ${table} limit 1`);
    if (one === undefined || !('team_id' in one)) continue;
    const its = await askBeside(store, `select * from ${table} where team_id = '${team}'`);
    if (its.length > 0) rows[table] = its;
  }
  assert.ok(Object.keys(rows).length > 5);
  return rows;
}
