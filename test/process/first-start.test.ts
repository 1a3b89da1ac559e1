import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Program, startProgram } from '../support/program.ts';
import { startReceiver } from '../support/receiver.ts';
import { postgresStore, sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const hasCurl = await run('bash', ['-c', 'curl --version']).then(
  () => true,
  () => false,
);

/** The operator's token as the first start prints it. */
function printedToken(program: Program): string | undefined {
  return /^Operator token .*: (hkl_\S+)$/m.exec(program.said())?.[1];
}

/** Carries out a printed command as a newcomer does, or, where there is no curl, as curl would. Answers with the reply. */
async function carryOut(command: string): Promise<string> {
  if (hasCurl) return (await run('bash', ['-c', command])).stdout;
  const [words = '', data] = command.split(/ -d (?=')/);
  const url = /https?:[^\s']+/.exec(words)?.[0] ?? '';
  const headers = [...words.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name = '', value = '']): [string, string] => [
    name,
    value,
  ]);
  const body = data?.slice(1, -1).replaceAll("'\\''", "'");
  const reply = await fetch(url, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
  return reply.text();
}

describe('the first start', { concurrency: 2 }, () => {
  it('prints three commands that subscribe a hook, publish an event and read its delivery, and a token that outlives it', async () => {
    const store = await sqliteStore();
    const receiver = await startReceiver();
    const first = await startProgram({ DATABASE_URL: store.url, HOOKLOOM_OPERATOR_TOKEN: '' });
    const commands = () => first.said().match(/^curl .*$/gm) ?? [];
    await until(() => commands().length >= 3, 'the commands');
    assert.equal(commands().length, 3);
    // What the newcomer has on port 9000 listens elsewhere here.
    const [subscribe = '', publish = '', read = ''] = commands().map((command) =>
      command.replace('http://127.0.0.1:9000', receiver.url),
    );
    const hook = JSON.parse(await carryOut(subscribe));
    assert.equal(hook.data.url, `${receiver.url}/`);
    const published = JSON.parse(await carryOut(publish));
    assert.equal(published.deliveries, 1);
    const [request] = await receiver.waitFor(1);
    assert.equal(request?.json.id, published.data.id);
    await until(async () => {
      const { data } = JSON.parse(await carryOut(read));
      assert.equal(data[0].event_id, published.data.id);
      return data[0].status === 'delivered';
    }, 'the delivery to be read as delivered');
    const token = printedToken(first) ?? null;
    await first.kill();

    const second = await startProgram({ DATABASE_URL: store.url, HOOKLOOM_OPERATOR_TOKEN: '' });
    assert.equal((await second.call('POST', '/v1/teams', { token, body: { name: 'Acme' } })).status, 201);
    second.signal('SIGTERM');
    assert.doesNotMatch((await second.ended).said, /hkl_|token/i, 'the second start prints no token');

    const own = 'a token of my own, 32 characters or more';
    await using third = await startProgram({ DATABASE_URL: store.url, HOOKLOOM_OPERATOR_TOKEN: own });
    assert.equal((await third.call('POST', '/v1/teams', { token: own, body: { name: 'Acme' } })).status, 201);
    const former = await third.call('GET', '/v1/teams/current', { token });
    assert.equal(former.json.code, 'token_unknown', "HOOKLOOM_OPERATOR_TOKEN takes the generated one's place");
    assert.equal(printedToken(third), undefined);
    await third.kill();
    await receiver.close();
    await store.remove();
  });

  it('of two processes at once on an empty PostgreSQL gives one of them a token, which both take, and later ones too', async () => {
    const store = await postgresStore();
    const env = { DATABASE_URL: store.url, HOOKLOOM_OPERATOR_TOKEN: '' };
    const programs = await Promise.all([startProgram(env), startProgram(env)]);
    const tokens = () => programs.map(printedToken).filter((token) => token !== undefined);
    await until(() => tokens().length > 0, 'a token');
    const token = tokens()[0] ?? null;
    programs.push(await startProgram(env));
    for (const { call } of programs) assert.equal((await call('GET', '/v1/teams/current', { token })).status, 200);
    assert.equal(tokens().length, 1);
    await Promise.all(programs.map((program) => program.kill()));
    await store.remove();
  });
});

describe('HOST=0.0.0.0', () => {
  it('refuses http and loopback targets, for endpoints and hooks alike', async () => {
    const store = await sqliteStore();
    await using program = await startProgram({ DATABASE_URL: store.url, HOST: '0.0.0.0' });
    for (const path of ['/v1/webhook-endpoints', '/v1/webhook-subscriptions'])
      for (const url of [
        'http://example.net/hook',
        'https://127.0.0.1/hook',
        'https://localhost/hook',
        'https://[::1]/hook',
        'https://[::ffff:127.0.0.1]/hook',
        'https://10.1.2.3/hook',
      ]) {
        const answer = await program.call('POST', path, { body: { url, events: ['*'] } });
        assert.deepEqual([answer.status, answer.json.code, url], [422, 'target_refused', url]);
      }
    const taken = await program.call('POST', '/v1/webhook-endpoints', {
      body: { url: 'https://example.net/hook', events: ['*'] },
    });
    assert.equal(taken.status, 201);
    await program.kill();
    await store.remove();
  });
});
