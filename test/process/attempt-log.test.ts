import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { OPERATOR_TOKEN } from '../http/api.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const METRICS_TOKEN = 'a token for the metrics, 32 characters or more';
const PATH = '/hooks/path-secret-1';
const QUERY = '?key=query-secret-2';
const HEADER = 'header-secret-3';
const BODY = 'body-secret-4';
const REPLY = 'reply-secret-5';
const PASSWORD = 'password-secret-6';
const MISTYPED = 'hkl_live_mistyped-secret-7';

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type } = sample;
const data = JSON.parse(JSON.stringify(sample.data).replace(/"name":"[^"]*"/, `"name":"${BODY}"`));

interface Line extends Record<string, unknown> {
  msg: string;
}

/** The lines of the log, which are those that are JSON. */
function linesOf(said: string): Line[] {
  return said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

/** Runs the program over one good endpoint, one that fails and one where nobody listens, and ends it in order. */
async function run(env: Record<string, string>): Promise<{ said: string; secrets: string[]; receiver: Receiver }> {
  const store = await sqliteStore();
  await using receiver = await startReceiver(({ path }, response) =>
    response.writeHead(path.startsWith('/good') ? 204 : 500, { 'x-reply': REPLY }).end(REPLY),
  );
  await using program: Program = await startProgram({
    DATABASE_URL: store.url,
    HOOKLOOM_METRICS_TOKEN: METRICS_TOKEN,
    ...env,
  });
  const secrets: string[] = [OPERATOR_TOKEN, METRICS_TOKEN, PATH, QUERY, HEADER, BODY, REPLY, PASSWORD, MISTYPED];
  for (const target of [`${receiver.url}/good${PATH}`, `${receiver.url}/bad${PATH}`, `http://127.0.0.1:9${PATH}`]) {
    const credentials = { type: 'basic', username: 'ann', password: PASSWORD };
    const body = { url: `${target}${QUERY}`, events: ['*'], headers: { 'x-own': HEADER }, credentials };
    const made = await program.call('POST', '/v1/webhook-endpoints', { body });
    assert.equal(made.status, 201, made.text);
    secrets.push(made.json.secret ?? assert.fail('no secret is shown'));
    const rotated = await program.call('POST', `/v1/webhook-endpoints/${made.json.data.id}/rotate-secret`, {
      body: {},
    });
    secrets.push(rotated.json.secret ?? assert.fail('no secret is shown'));
  }
  // Refused, with the same in what is refused.
  const refused = { url: `ftp://ann:${PASSWORD}@127.0.0.1${PATH}`, events: ['*'], headers: { Host: HEADER } };
  const answers = [
    await program.call('POST', '/v1/webhook-endpoints', { body: refused }),
    await program.call('POST', '/v1/webhook-endpoints', { body: `{"headers":{"x-own":"${HEADER}"` }),
    await program.call('GET', '/v1/webhook-endpoints', { token: MISTYPED }),
  ];
  assert.ok(answers.every(({ status }) => status >= 400 && status < 500));
  for (const secret of [PASSWORD, HEADER, MISTYPED])
    assert.ok(
      answers.every(({ text }) => !text.includes(secret)),
      secret,
    );
  const token = (await program.call('POST', '/v1/tokens', { body: { name: 'one' } })).json.token;
  await program.call('GET', '/v1/webhook-events', { token });
  secrets.push(token);
  const body = { id: 'own-1', type, data };
  const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
  assert.equal((await program.call('POST', '/v1/webhook-events', { body, headers })).status, 202);
  await until(async () => {
    const { data: deliveries } = (await program.call('GET', '/v1/webhook-deliveries')).json;
    return deliveries.length === 3 && deliveries.every((one: { status: string }) => one.status !== 'pending');
  }, 'three attempts');
  assert.ok(receiver.received[0]?.body.includes(BODY), 'the body went out');
  program.signal('SIGTERM');
  const { said } = await program.ended;
  await store.remove();
  return { said, secrets, receiver };
}

describe('the log', { concurrency: 3 }, () => {
  it('has one wide line per attempt at the default level, and no secret, token, header, path, query or body', async () => {
    const { said, secrets, receiver } = await run({ LOG_LEVEL: 'info' });
    const attempts = linesOf(said).filter(({ msg }) => msg === 'attempt');
    assert.equal(attempts.length, 3, said);
    const byOutcome = Object.groupBy(attempts, ({ outcome, status }) => `${outcome} ${status}`);
    const [good] = byOutcome['delivered 204'] ?? [];
    assert.ok(good);
    assert.deepEqual(Object.keys(good), [
      'level',
      'time',
      'team_id',
      'endpoint_id',
      'event_id',
      'event_type',
      'delivery_id',
      'attempt',
      'outcome',
      'status',
      'error',
      'duration_ms',
      'wait_ms',
      'target',
      'dialect',
      'next_attempt_at',
      'trace_id',
      'msg',
    ]);
    const { team_id, event_id, event_type, attempt, target, dialect, trace_id, next_attempt_at, error, level } = good;
    assert.deepEqual(
      { team_id, event_id, event_type, attempt, target, dialect, trace_id, next_attempt_at, error, level },
      {
        team_id: 'default',
        event_id: 'own-1',
        event_type: type,
        attempt: 1,
        target: new URL(receiver.url).host,
        dialect: 'standard',
        trace_id: TRACE,
        next_attempt_at: null,
        error: null,
        level: 30,
      },
    );
    const [refused] = byOutcome['failed null'] ?? [];
    assert.equal(refused?.error, 'ECONNREFUSED');
    assert.ok(Date.parse(String(refused?.next_attempt_at)) > Date.parse(String(refused?.time)));
    assert.equal(byOutcome['failed 500']?.length, 1);
    for (const secret of secrets) assert.ok(!said.includes(secret), `the log holds ${secret}`);
  });

  it('keeps secrets to itself at its most talkative too', async () => {
    const { said, secrets } = await run({ LOG_LEVEL: 'trace' });
    assert.ok(linesOf(said).some(({ msg }) => msg === 'replied'));
    for (const secret of secrets) assert.ok(!said.includes(secret), `the log holds ${secret}`);
  });

  it('has failed attempts only, or none, where it is told so', async () => {
    const [failed, none, quiet] = await Promise.all([
      run({ LOG_LEVEL: 'info', HOOKLOOM_LOG_ATTEMPTS: 'failed' }),
      run({ LOG_LEVEL: 'info', HOOKLOOM_LOG_ATTEMPTS: 'none' }),
      run({ LOG_LEVEL: 'warn' }),
    ]);
    const outcomes = (said: string) =>
      linesOf(said).flatMap(({ msg, outcome }) => (msg === 'attempt' ? [outcome] : []));
    assert.deepEqual(outcomes(failed.said), ['failed', 'failed']);
    assert.deepEqual(outcomes(none.said), []);
    assert.deepEqual(outcomes(quiet.said), []);
  });
});
