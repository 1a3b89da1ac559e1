import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paceOf } from '../../server/delivery/replay-pace.ts';
import type { RunningReplay } from '../../server/storage/replays.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');

function replay(more: Partial<RunningReplay>): RunningReplay {
  return {
    team_id: 'default',
    id: 'rpl_1',
    endpoint_id: 'ep_1',
    since: 0,
    until: NOW,
    events: null,
    statuses: '["missed"]',
    state: 'running',
    first_seq: 1,
    next_seq: 1,
    last_seq: 1_000_000,
    matched: 0,
    created: 0,
    page: 0,
    backlog: 0,
    created_at: NOW,
    updated_at: NOW,
    finished_at: null,
    is_open: 1,
    consecutive_failures: 0,
    max_in_flight: 10,
    rate_limit: null,
    due: 0,
    ...more,
  };
}

/** Lets a receiver take `perSecond` deliveries for `seconds`; answers with what was due at most, and how many it got. */
function run(perSecond: number, seconds: number, more: Partial<RunningReplay> = {}): { most: number; made: number } {
  const row = replay(more);
  let due = 0;
  let most = 0;
  let made = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 25) {
    due = Math.max(0, due - (perSecond * 25) / 1000);
    row.due = Math.ceil(due);
    const { size, ahead } = paceOf(row, NOW + ms);
    if (size === 0) continue;
    due += size;
    made += size;
    most = Math.max(most, due);
    Object.assign(row, { page: ahead, backlog: row.due + size, updated_at: NOW + ms });
  }
  return { most, made };
}

test('a slow receiver is kept busy, and what waits for it drains in a fraction of a second', () => {
  const { most, made } = run(10, 60);
  assert.ok(made >= 590, `${made} of 600 were made`);
  assert.ok(most <= 10 + 5, `${most} were due at once`);
});

test('a fast receiver gets some fifty at a time, and a thousand a second', () => {
  const { most, made } = run(100_000, 10);
  assert.ok(most <= 60, `${most} were due at once`);
  assert.ok(made > 9000 && made <= 10_100, `${made} were made in 10 s`);
});

test('a rate limit keeps little waiting', () => {
  const { most, made } = run(1, 60, { rate_limit: 1 });
  assert.ok(made >= 58, `${made} of 60 were made`);
  assert.ok(most <= 3, `${most} were due at once`);
});

test('live deliveries that wait already go first', () => {
  assert.equal(paceOf(replay({ due: 11 }), NOW).size, 0);
  assert.equal(paceOf(replay({ due: 300, page: 100, backlog: 300, updated_at: NOW - 60_000 }), NOW).size, 0);
});

test('pages are 50 ms apart, also when the clock is set back', () => {
  const row = replay({ page: 10, backlog: 20, updated_at: NOW - 49 });
  assert.equal(paceOf(row, NOW).size, 0);
  assert.ok(paceOf({ ...row, updated_at: NOW - 50 }, NOW).size > 0);
  assert.ok(paceOf({ ...row, updated_at: NOW + 7_200_000 }, NOW).size > 0);
});

test('while its endpoint fails and fails, a replay tries ten every ten seconds', () => {
  const failing = replay({ consecutive_failures: 20, page: 100 });
  assert.equal(paceOf({ ...failing, updated_at: NOW - 9_999 }, NOW).size, 0);
  assert.equal(paceOf({ ...failing, updated_at: NOW - 10_000 }, NOW).size, 10);
  assert.equal(paceOf({ ...failing, updated_at: NOW - 10_000, due: 10 }, NOW).size, 0);
});
