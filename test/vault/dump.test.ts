import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { type Answer, startApi } from '../http/api.ts';
import { publishable } from '../http/samples.ts';
import { askBeside, dump } from '../support/ask-beside.ts';
import { startReceiver } from '../support/receiver.ts';
import { type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const SHOWN_BY_NOBODY = ['h3ader-value', 'p4ssword-value', 'b3arer-value'];

for (const { name, make } of stores)
  describe(`of everything secret that went through the API, on ${name}`, () => {
    it('neither the database nor any later reply holds anything usable', async () => {
      const store = await make();
      await using api = await startApi({ store });
      await using receiver = await startReceiver((_, response) => response.writeHead(200).end('thanks'));
      const secrets: string[] = [...SHOWN_BY_NOBODY];
      const call = async (method: string, path: string, body?: object, key?: string): Promise<Answer> => {
        const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
        const answer = await api.call(method, path, { headers, ...(body === undefined ? {} : { body }) });
        assert.ok(answer.status < 300, answer.text);
        for (const field of ['secret', 'token']) if (answer.json?.[field]) secrets.push(answer.json[field]);
        return answer;
      };
      const url = `${receiver.url}/x`;
      const made = await call(
        'POST',
        '/v1/webhook-endpoints',
        { url, events: ['*'], headers: { 'X-Key': SHOWN_BY_NOBODY[0] } },
        'one',
      );
      const { id } = made.json.data;
      const basic = { type: 'basic', username: 'ann', password: SHOWN_BY_NOBODY[1] };
      await call('POST', '/v1/webhook-endpoints', { url, events: ['*'], credentials: basic });
      await call('PATCH', `/v1/webhook-endpoints/${id}`, {
        credentials: { type: 'bearer', token: SHOWN_BY_NOBODY[2] },
      });
      await call('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, {}, 'two');
      await call('POST', '/v1/webhook-subscriptions', { url, events: ['*'] }, 'three');
      await call('POST', '/v1/tokens', { name: 'a token' }, 'four');
      assert.equal(secrets.length, 8);
      await call('POST', '/v1/webhook-events', publishable(api).body);
      await receiver.waitFor(3);
      const sent = JSON.stringify(receiver.received.map(({ headers }) => headers));
      for (const value of [SHOWN_BY_NOBODY[0], SHOWN_BY_NOBODY[2]]) assert.ok(sent.includes(String(value)), value);
      await until(
        async () => (await call('GET', '/v1/webhook-deliveries?status=delivered')).json.data.length === 3,
        'three deliveries',
      );

      const reads = [
        'webhook-endpoints',
        `webhook-endpoints/${id}`,
        'webhook-subscriptions',
        'webhook-deliveries',
        'tokens',
      ];
      const replies = await Promise.all(reads.map(async (path) => (await call('GET', `/v1/${path}`)).text));
      const texts = { replies: replies.join('\n'), dump: await dump(store), files: readFiles(store) };
      for (const [where, text] of Object.entries(texts))
        for (const secret of secrets)
          for (const form of [secret, secret.replace(/^\w+_/, ''), Buffer.from(secret).toString('base64')])
            assert.ok(!text.includes(form), `${where}: ${secret.slice(0, 8)}…`);
      assert.match(texts.dump, /v1\.[0-9a-f]{8}\./);
    });

    it('a database of before there was a vault is sealed at the next start', async () => {
      const store = await make();
      const kept = { ...store, remove: async () => undefined };
      const first = await startApi({ store: kept });
      const made = await first.call('POST', '/v1/webhook-endpoints', {
        body: { url: 'http://127.0.0.1:9/', events: ['*'] },
      });
      await first[Symbol.asyncDispose]();
      await askBeside(store, `update endpoint set secret = '${made.json.secret}', headers = '{"X-Key":"h3ader"}'`);
      await askBeside(store, 'delete from vault_key');
      await using api = await startApi({ store });
      const rows = await askBeside(store, 'select secret, headers from endpoint');
      assert.ok(rows.every((row) => Object.values(row).every((text) => /^v1\./.test(String(text)))));
      const read = await api.call('GET', `/v1/webhook-endpoints/${made.json.data.id}`);
      assert.deepEqual(read.json.data.headers, { 'X-Key': '***' });
    });

    it('a secret that stands in another row is refused, and its deliveries say so', async () => {
      const store = await make();
      await using api = await startApi({ store });
      await using receiver = await startReceiver();
      const [one, two] = await Promise.all(
        ['/1', '/2'].map(async (path) => {
          const body = { url: receiver.url + path, events: ['*'] };
          return (await api.call('POST', '/v1/webhook-endpoints', { body })).json.data.id as string;
        }),
      );
      // What somebody with access to the database, but not to the key, might try.
      await askBeside(
        store,
        `update endpoint set secret = (select secret from endpoint where id = '${one}') where id = '${two}'`,
      );
      await api.call('POST', '/v1/webhook-events', { body: publishable(api).body });
      const ofTwo = async () => (await api.call('GET', `/v1/webhook-deliveries?endpoint_id=${two}`)).json.data[0];
      await until(async () => (await ofTwo())?.attempt_count === 1, 'an attempt that fails');
      const { data } = (await api.call('GET', `/v1/webhook-deliveries/${(await ofTwo()).id}`)).json;
      assert.equal(data.status, 'failed');
      assert.match(data.attempts[0].error, /cannot be opened: it was changed, or it belongs to another place/);
      await receiver.waitFor(1);
      assert.deepEqual(
        receiver.received.map(({ path }) => path),
        ['/1'],
      );
    });
  });

/** The bytes on disk, of a file and its log; none that a test can read of PostgreSQL's. */
function readFiles(store: Store): string {
  if (store.name === 'PostgreSQL') return '';
  const folder = dirname(store.url.replace('sqlite:', ''));
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'latin1'))
    .join('\n');
}
