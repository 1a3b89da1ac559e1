import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { loadCatalog } from '../../server/catalog/load.ts';
import { OPERATOR_TOKEN } from '../http/api.ts';
import { type Program, runToEnd, startProgram } from '../support/program.ts';
import { startReceiver } from '../support/receiver.ts';
import { postgresStore, type Store, sqliteStore } from '../support/stores.ts';
import { TEST_MASTER_KEY } from '../support/vault.ts';

const sample = [...loadCatalog('events.json').types.values()].flatMap((type) => type.samples)[0] ?? assert.fail();
const body = { type: sample.type, data: sample.data, ...(sample.project_id && { project_id: sample.project_id }) };

describe('npm run keys:rotate', () => {
  it('makes a new key in the file and seals everything under it, while every delivery still verifies', async () => {
    const store = await sqliteStore();
    const file = join(dirname(store.url.replace('sqlite:', '')), 'master.key');
    await using receiver = await startReceiver();
    await using program = await startProgram({ DATABASE_URL: store.url });
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const secrets = new Map<string, string>();
    for (let index = 0; index < 20; index += 1) {
      const path = `/${index}`;
      const made = await program.call('POST', '/v1/webhook-endpoints', {
        body: { url: receiver.url + path, events: ['*'], headers: { 'X-Key': `value-${index}` } },
      });
      secrets.set(path, made.json.secret);
    }
    let published = 0;
    let isOver = false;
    const publishing = (async () => {
      while (!isOver || published < 10) {
        assert.equal((await program.call('POST', '/v1/webhook-events', { body })).status, 202);
        published += 1;
      }
    })();
    try {
      assert.match(
        await rotate(program),
        /The master key is now [0-9a-f]{8} \(before: [0-9a-f]{8}\); 20 endpoints were/,
      );
      assert.match(await rotate(program), /; 20 endpoints were/);
    } finally {
      isOver = true;
      await publishing;
    }
    await receiver.waitFor(published * 20);
    for (const { path, headers, body: text } of receiver.received) {
      new Webhook(secrets.get(path) ?? '').verify(text, headers);
      assert.equal(headers['x-key'], `value-${path.slice(1)}`);
    }
    program.signal('SIGTERM');
    await program.ended;

    // The key of the beginning is gone, and nothing misses it.
    assert.equal(readFileSync(file, 'utf8').trim().split('\n').length, 3);
    await using again = await startProgram({ DATABASE_URL: store.url });
    const more = receiver.received.length + 20;
    await again.call('POST', '/v1/webhook-events', { body });
    await receiver.waitFor(more);
    await again.kill();
    await store.remove();
  });

  it('seals under the key that the environment sets now what is under the one before', async () => {
    const store = await postgresStore();
    const secret = await makeOne(store, { HOOKLOOM_MASTER_KEY: TEST_MASTER_KEY });
    const next = Buffer.alloc(32, 'next').toString('hex');
    await using receiver = await startReceiver();
    await using both = await startProgram({
      DATABASE_URL: store.url,
      HOOKLOOM_MASTER_KEY: next,
      HOOKLOOM_MASTER_KEY_PREVIOUS: TEST_MASTER_KEY,
    });
    assert.match(await rotate(both), /as the environment says; 1 endpoints were sealed/);
    await both.kill();
    await using program = await startProgram({ DATABASE_URL: store.url, HOOKLOOM_MASTER_KEY: next });
    const [{ id }] = (await program.call('GET', '/v1/webhook-endpoints')).json.data;
    await program.call('PATCH', `/v1/webhook-endpoints/${id}`, { body: { url: receiver.url } });
    await program.call('POST', '/v1/webhook-events', { body });
    const [delivery] = await receiver.waitFor(1);
    new Webhook(secret).verify(delivery?.body ?? '', delivery?.headers ?? {});
    await program.kill();
    await store.remove();
  });

  it('a start with another key than the database knows is refused, and says which one is missing', async () => {
    for (const make of [sqliteStore, postgresStore]) {
      const store = await make();
      await makeOne(store, { HOOKLOOM_MASTER_KEY: TEST_MASTER_KEY });
      const other = Buffer.alloc(32, 'other').toString('base64');
      const { code, said } = await runToEnd({ DATABASE_URL: store.url, HOOKLOOM_MASTER_KEY: other });
      assert.equal(code, 1, said);
      assert.match(
        said,
        /HOOKLOOM_MASTER_KEY does not hold the master key [0-9a-f]{8}, which secrets in this database/,
      );
      assert.ok(!said.includes(other));
      await store.remove();
    }
  });
});

/** Makes an endpoint in a program that then ends; answers with its secret. */
async function makeOne(store: Store, env: Record<string, string>): Promise<string> {
  const program = await startProgram({ DATABASE_URL: store.url, ...env });
  const made = await program.call('POST', '/v1/webhook-endpoints', {
    body: { url: 'http://127.0.0.1:9/', events: ['*'] },
  });
  assert.equal(made.status, 201, made.text);
  program.signal('SIGTERM');
  await program.ended;
  return made.json.secret;
}

async function rotate(program: Program): Promise<string> {
  const env = { PATH: process.env.PATH, HOOKLOOM_OPERATOR_TOKEN: OPERATOR_TOKEN, HOOKLOOM_URL: program.url };
  return (await promisify(execFile)(process.execPath, ['ops/rotate-keys.ts'], { env })).stdout;
}
