import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { startReceiver } from '../support/receiver.ts';
import { scrapeOf } from '../support/scrape.ts';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Api, startApi } from './api.ts';
import { publishable } from './samples.ts';

const METRICS_TOKEN = 'a token for the metrics, 32 characters or more';

async function publish(api: Api, id: string): Promise<void> {
  const body = { id, ...publishable(api).body };
  const answer = await api.call('POST', '/v1/webhook-events', { body });
  assert.equal(answer.status, 202, answer.text);
}

for (const { name, make } of stores)
  test(`the metrics tell what was published, attempted, committed and waits, on ${name}`, async () => {
    await using receiver = await startReceiver();
    await using api = await startApi({ store: await make() });
    const scrape = async () => scrapeOf((await api.call('GET', '/metrics', { token: null })).text);
    for (const path of ['/good', '/bad'])
      await api.call('POST', '/v1/webhook-endpoints', { body: { url: `${receiver.url}${path}`, events: ['*'] } });
    receiver.answer = ({ path }, response) => response.writeHead(path === '/good' ? 204 : 500).end();
    for (const id of ['one', 'two', 'three', 'three']) await publish(api, id);
    await until(async () => {
      const now = await scrape();
      // Four publishes, of which one is a repeat, and six settlements.
      return (
        now.get('hookloom_backlog_deliveries') === 3 &&
        now.get('hookloom_commit_batch_size_sum') === 10 &&
        // A count from before they failed finds them due.
        now.get('hookloom_oldest_due_age_seconds') === 0
      );
    }, 'three retries to wait');

    const metrics = await scrape();
    const at = (sample: string): number => metrics.get(sample) ?? assert.fail(`there is no ${sample}`);
    assert.equal(at('hookloom_events_published_total'), 3, 'the repeated publish is not counted again');
    assert.equal(at('hookloom_deliveries_created_total'), 6);
    assert.equal(at('hookloom_attempts_total{outcome="delivered",reply="2xx"}'), 3);
    assert.equal(at('hookloom_attempts_total{outcome="failed",reply="5xx"}'), 3);
    assert.equal(at('hookloom_attempts_total{outcome="dead",reply="timeout"}'), 0);
    assert.equal(at('hookloom_attempt_duration_seconds_count{outcome="failed"}'), 3);
    assert.equal(at('hookloom_publish_to_receipt_seconds_count'), 3);
    assert.ok(at('hookloom_publish_to_receipt_seconds_sum') < 60);
    assert.equal(at('hookloom_commit_duration_seconds_count'), at('hookloom_commit_batch_size_count'));
    assert.equal(at('hookloom_oldest_due_age_seconds'), 0, 'what waits for its retry is not due');
    assert.equal(at('hookloom_lanes{state="open"}') + at('hookloom_lanes{state="backing_off"}'), 2);
    assert.equal(at('hookloom_lanes{state="closed"}'), 0);
    assert.equal(at('hookloom_lanes_leased'), 2);
    assert.ok(at('hookloom_process_resident_memory_bytes') > 1e7);
    assert.ok(at('hookloom_process_cpu_seconds_total') > 0);
    assert.ok(at('hookloom_event_loop_delay_max_seconds') >= at('hookloom_event_loop_delay_p99_seconds'));
    assert.equal(at('hookloom_build_info{version="0.1.0",role="all"}'), 1);
  });

test('two servers in one process count for themselves', async () => {
  await using one = await startApi();
  await using other = await startApi();
  await publish(one, 'a');
  const published = async (api: Api) =>
    scrapeOf((await api.call('GET', '/metrics')).text).get('hookloom_events_published_total');
  assert.deepEqual([await published(one), await published(other)], [1, 0]);
});

test('on a loopback address the metrics are open, and are text', async () => {
  await using api = await startApi();
  const answer = await api.call('GET', '/metrics', { token: null });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
});

test('on another address they are for the operator alone', async () => {
  await using api = await startApi({ host: '0.0.0.0' });
  const status = async (token: string | null) => {
    const answer = await api.call('GET', '/metrics', { token });
    return [answer.status, answer.json?.code];
  };
  assert.deepEqual(await status(null), [401, 'token_missing']);
  assert.deepEqual(await status('hkl_unknown'), [401, 'token_unknown']);
  assert.deepEqual(await status((await api.makeToken(['team:view'])).token), [403, 'operator_only']);
  assert.equal((await api.call('GET', '/metrics')).status, 200);
});

test('with a token of their own they want it, on a loopback address too, and it opens nothing else', async () => {
  await using api = await startApi({ metricsTokenHash: hash('sha256', METRICS_TOKEN) });
  assert.equal((await api.call('GET', '/metrics', { token: null })).status, 401);
  assert.equal((await api.call('GET', '/metrics', { token: METRICS_TOKEN })).status, 200);
  assert.equal((await api.call('GET', '/metrics')).status, 200, "the operator's token opens them too");
  const other = await api.call('GET', '/v1/teams/current', { token: METRICS_TOKEN });
  assert.deepEqual([other.status, other.json.code], [401, 'token_unknown']);
});
