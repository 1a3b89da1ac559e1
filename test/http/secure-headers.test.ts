import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contractOperations, readContract } from '../../server/http/contract.ts';
import { type Api, startApi } from './api.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api[Symbol.asyncDispose]());

/** Documents that any page may read. */
const PUBLIC = new Set(['getCatalog', 'getOpenapi']);
const operations = contractOperations(readContract());

test('every reply tells a browser to run, frame, sniff and keep nothing', async () => {
  const paths = [...new Set(operations.map(({ path }) => path)), '/nothing', '/v1/%'];
  for (const path of paths)
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const { headers } = await api.call(method, path.replaceAll(/\{\w+\}/g, 'x'), { token: null });
      const at = (name: string) => headers.get(name);
      const where = `${method} ${path}`;
      assert.equal(
        at('content-security-policy'),
        "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
        where,
      );
      assert.equal(at('x-content-type-options'), 'nosniff', where);
      assert.equal(at('x-frame-options'), 'DENY', where);
      assert.equal(at('referrer-policy'), 'no-referrer', where);
      assert.match(at('strict-transport-security') ?? '', /^max-age=\d{8}/, where);
      assert.ok(at('cross-origin-resource-policy'), where);
      assert.match(at('cache-control') ?? '', /no-store|max-age=\d+|no-cache/, where);
      assert.equal(at('x-powered-by'), null, where);
    }
});

test('no other origin’s page may read a reply, but for the public documents', async () => {
  for (const { id, method, path } of operations) {
    const url = path.replaceAll(/\{\w+\}/g, (name) => (name === '{name}' ? 'team.created' : 'x'));
    const headers = { Origin: 'https://evil.example' };
    const answer = await api.call(method.toUpperCase(), url, { headers });
    const preflight = await api.call('OPTIONS', url, {
      headers: { ...headers, 'Access-Control-Request-Method': method.toUpperCase() },
    });
    assert.equal(answer.headers.get('access-control-allow-credentials'), null, id);
    if (PUBLIC.has(id)) assert.equal(answer.headers.get('access-control-allow-origin'), '*', id);
    else assert.equal(answer.headers.get('access-control-allow-origin'), null, id);
    const isPublicPath = operations.some((one) => one.path === path && PUBLIC.has(one.id));
    assert.equal(preflight.headers.get('access-control-allow-origin'), isPublicPath ? '*' : null, `preflight of ${id}`);
  }
});
