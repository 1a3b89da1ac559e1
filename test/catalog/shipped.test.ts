import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintCatalog } from '../../server/catalog/lint.ts';
import { loadCatalog } from '../../server/catalog/load.ts';
import system from '../../server/catalog/system.json' with { type: 'json' };
import { copyOf, entryOf, parcelsPath, shippedPath } from './catalogs.ts';

const shipped = copyOf(shippedPath);
const samples = shipped.events.flatMap((entry) => entry.samples.map((sample) => ({ entry, sample })));

/** Every string inside a value, with its key. */
function* strings(value: unknown, key = ''): Generator<[string, string]> {
  if (typeof value === 'string') yield [key, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) yield* strings(inner, name);
  }
}

/** Every object inside a value. */
function* objects(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objects(inner);
}

test('the shipped catalog, the built-in one and the parcel catalog have no faults', () => {
  assert.deepEqual(lintCatalog(shipped, 'events.json'), []);
  assert.deepEqual(lintCatalog(system, 'system.json'), []);
  assert.deepEqual(lintCatalog(copyOf(parcelsPath), 'parcels.json'), []);
});

test('the shipped catalog has 70 core event types in ten families, and 8 extended ones', () => {
  const { document } = loadCatalog(shippedPath);
  assert.deepEqual(document.counts, { core: 70, extended: 8, system: 3, reserved: 1, total: 81 });
  const core = Object.fromEntries(Object.entries(document.families).map(([name, { counts }]) => [name, counts.core]));
  assert.deepEqual(core, {
    project: 12,
    plan: 6,
    subscription: 14,
    payment: 4,
    member: 10,
    access_code: 3,
    team: 6,
    role: 3,
    group: 3,
    billing: 9,
    webhook: 0,
  });
});

test('77 event types can be published; the reserved and the built-in ones cannot', () => {
  const types = [...loadCatalog(shippedPath).types.values()];
  assert.equal(types.filter((type) => type.publishable).length, 77);
  assert.deepEqual(
    types.filter((type) => !type.publishable).map((type) => type.name),
    ['project.bot.status_changed', 'webhook.test', 'webhook.endpoint_disabled', 'webhook.delivery_dead'],
  );
});

test('built-in event types are of the system set', () => {
  assert.deepEqual([...new Set(system.events.map((entry) => entry.set))], ['system']);
});

test('every event type says when it does not fire or what follows', () => {
  for (const entry of shipped.events) assert.notEqual(entry.notes.length, 0, entry.name);
});

test('notes and clauses name only event types that exist, and say member, never subscriber', () => {
  const names = new Set(shipped.events.map((entry) => entry.name));
  for (const { name, notes, fires_when } of shipped.events) {
    for (const text of [...notes, fires_when]) {
      assert.doesNotMatch(text, /subscriber/i, name);
      for (const [mentioned] of text.matchAll(/\b[a-z_]+(\.[a-z_]+)+\b/g))
        assert.ok(names.has(mentioned), `${name}: ${mentioned}`);
    }
  }
});

test('payloads carry whole objects: an id never stands alone at the top', () => {
  for (const { name, schema } of shipped.events) {
    for (const key of Object.keys(schema.properties as object)) assert.doesNotMatch(key, /(^|_)id$/, name);
  }
});

test('sample ids are unique, and are evt_ and a ULID of the time of the event', () => {
  const ids = samples.map(({ sample }) => sample.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { sample } of samples) {
    assert.match(sample.id, /^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    let time = 0;
    for (const digit of sample.id.slice(4, 14)) time = time * 32 + '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit);
    assert.equal(new Date(time).toISOString(), sample.created_at);
  }
});

test('sample emails are under example.com and dates are ISO 8601 with Z', () => {
  for (const { entry, sample } of samples) {
    for (const [key, text] of strings(sample.data)) {
      if (text.includes('@')) assert.match(text, /@example\.com$/, entry.name);
      if (key.endsWith('_at')) assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, `${entry.name} ${key}`);
    }
  }
});

test('what has happened in a sample happened before its event', () => {
  const past = new Set([
    'created_at',
    'joined_at',
    'started_at',
    'cancelled_at',
    'paused_at',
    'paid_at',
    'redeemed_at',
    'locked_at',
    'synced_at',
  ]);
  for (const { entry, sample } of samples) {
    for (const [key, text] of strings(sample.data)) {
      if (past.has(key))
        assert.ok(text <= sample.created_at, `${entry.name}: ${key} ${text} is after ${sample.created_at}`);
    }
  }
});

test('one id stands for one thing throughout the story', () => {
  const fixed = new Map<string, string>();
  for (const { entry, sample } of samples) {
    for (const { id, handle, first_name, currency, external_payment_id } of objects(sample.data)) {
      if (typeof id !== 'string') continue;
      const facts = JSON.stringify({ handle, first_name, currency, external_payment_id });
      assert.equal(facts, fixed.get(id) ?? facts, `${entry.name}: ${id}`);
      fixed.set(id, facts);
    }
  }
});

test('references inside a sample agree: ids, amounts and the project', () => {
  for (const { entry, sample } of samples) {
    const { member, plan, subscription, project, team } = sample.data as Record<
      string,
      Record<string, unknown> | undefined
    >;
    if (subscription && member) assert.equal(subscription.member_id, member.id, entry.name);
    if (subscription && plan) assert.equal(subscription.plan_id, plan.id, entry.name);
    if (project) assert.equal(sample.project_id, project.id, entry.name);
    if (project && team) assert.equal(project.team_id, team.id, entry.name);
    for (const { amount, amount_minor, amount_display } of objects(sample.data)) {
      if (amount_minor === undefined) continue;
      assert.equal(Number(amount) * 100, amount_minor, entry.name);
      assert.equal(amount_display, `$${amount}`, entry.name);
    }
  }
});

test('the same member joins, renews, fails a payment and churns', () => {
  const memberOf = (name: string) => (entryOf(shipped, name).samples[0]?.data.member as { id: string } | undefined)?.id;
  const story = ['member.joined', 'subscription.renewed', 'payment.failed', 'subscription.past_due', 'member.churned'];
  assert.equal(new Set(story.map(memberOf)).size, 1);
  const times = story.map((name) => entryOf(shipped, name).samples[0]?.created_at);
  assert.deepEqual(times, times.toSorted());
});
