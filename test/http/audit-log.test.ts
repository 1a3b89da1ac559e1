import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askBeside } from '../support/ask-beside.ts';
import { stores } from '../support/stores.ts';
import { startApi } from './api.ts';
import { DEAD_TARGET } from './samples.ts';

for (const { name, make } of stores)
  describe(`the audit log on ${name}`, () => {
    it('tells who changed which endpoint, hook, token or secret, and from where; never a secret', async () => {
      await using api = await startApi({ store: await make() });
      const maker = await api.makeToken(['webhook-endpoint:manage']);
      const { token } = maker;
      const secrets: string[] = ['h3ader-value', 'b3arer-value', token];
      const target = { url: DEAD_TARGET, events: ['*'] };
      const headers = { 'User-Agent': 'auditor/1.0', 'Request-Id': 'audit-1' };
      const call = async (method: string, path: string, body?: object) => {
        const answer = await api.call(method, path, { token, headers, ...(body && { body }) });
        assert.ok(answer.status < 300, answer.text);
        if (answer.json?.secret) secrets.push(answer.json.secret);
        return answer.json?.data;
      };
      const { id } = await call('POST', '/v1/webhook-endpoints', { ...target, headers: { 'X-Key': 'h3ader-value' } });
      await call('PATCH', `/v1/webhook-endpoints/${id}`, {
        name: 'Books',
        credentials: { type: 'bearer', token: 'b3arer-value' },
      });
      await call('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, {});
      await call('DELETE', `/v1/webhook-endpoints/${id}`);
      const hook = await call('POST', '/v1/webhook-subscriptions', target);
      await call('DELETE', `/v1/webhook-subscriptions/${hook.id}`);
      await call('DELETE', `/v1/webhook-subscriptions/${hook.id}`);
      await api.call('DELETE', `/v1/tokens/${maker.id}`);

      const read = await api.call('GET', '/v1/audit-log');
      const told = read.json.data.map((row: { action: string; target: string; actor: string }) => [
        row.action,
        row.target,
        row.actor,
      ]);
      assert.deepEqual(told.reverse(), [
        ['token.created', maker.id, 'operator'],
        ['endpoint.created', id, maker.id],
        ['endpoint.updated', id, maker.id],
        ['endpoint.secret_rotated', id, maker.id],
        ['endpoint.deleted', id, maker.id],
        ['hook.subscribed', hook.id, maker.id],
        ['hook.unsubscribed', hook.id, maker.id],
        ['token.revoked', maker.id, 'operator'],
      ]);
      const change = (await api.call('GET', `/v1/audit-log?target=${id}&limit=3`)).json.data[2];
      assert.deepEqual(change.changes, { name: 'Books', credentials: '***' });
      assert.deepEqual([change.ip, change.user_agent, change.request_id], ['127.0.0.1', 'auditor/1.0', 'audit-1']);
      for (const secret of secrets) assert.ok(!read.text.includes(secret), secret.slice(0, 8));
    });

    it('is read page by page with its own ability, and a request that changed nothing is not in it', async () => {
      await using api = await startApi({ store: await make() });
      for (let index = 0; index < 3; index += 1) await api.makeToken(['team:view']);
      await api.call('POST', '/v1/tokens', { body: { name: 'x', expires_at: '2000-01-01T00:00:00Z' } });
      const { token } = await api.makeToken(['audit:read']);
      const first = (await api.call('GET', '/v1/audit-log?limit=3', { token })).json;
      const rest = (await api.call('GET', `/v1/audit-log?limit=3&cursor=${first.next_cursor}`, { token })).json;
      assert.deepEqual([first.data.length, rest.data.length, rest.next_cursor], [3, 1, null]);
      const other = await api.makeToken(['team:view']);
      assert.equal((await api.call('GET', '/v1/audit-log', { token: other.token })).json.code, 'ability_missing');
    });

    it('cannot be altered, even in the database', async () => {
      const store = await make();
      await using api = await startApi({ store });
      await api.makeToken(['team:view']);
      for (const sql of ["update audit set actor = 'nobody'", 'delete from audit'])
        await assert.rejects(askBeside(store, sql), /append-only/, sql);
    });
  });
