import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { shippedPath, typeOf } from './catalogs.ts';

const catalog = loadCatalog(shippedPath);

test('the published catalog names the personal fields of each event type, beside its schema and not in it', () => {
  const { events, $defs } = catalog.document;
  const pii = Object.fromEntries(events.map((event) => [event.name, event.pii]));
  assert.ok(pii['member.joined']?.includes('/member/email'));
  assert.ok(pii['member.updated']?.includes('/changes/*/to'));
  assert.deepEqual(pii['plan.created'], []);
  assert.doesNotMatch(JSON.stringify([events.map(({ schema }) => schema), $defs]), /"pii"/);
});

test('every sample of every event type is valid without its personal fields', () => {
  for (const type of catalog.types.values())
    for (const { data } of type.samples) {
      const blank = type.withoutPersonal(data);
      assert.deepEqual(type.validate(blank), [], type.name);
      assert.doesNotMatch(JSON.stringify(blank), /@/, type.name);
      if (type.pii.length === 0) assert.deepEqual(blank, data);
    }
});

test('of two people in one event one is blank, found by an id or by an address in whatever case', () => {
  const type = typeOf(catalog, 'member.joined');
  const sample = type.samples[0] ?? assert.fail();
  const { member, ...rest } = sample.data as { member: { id: string; email: string } };
  const data = { member, ...rest };
  const none = new Set<string>();
  const by = { ids: none, emails: new Set([member.email.toLowerCase()]) };
  assert.deepEqual(type.tracesOf({ ...data, member: { ...member, email: member.email.toUpperCase() } }, by), {
    isAbout: true,
    ids: [member.id],
  });
  assert.deepEqual(type.withoutPerson(data, by), type.withoutPersonal(data));
  const other = { ids: new Set(['mem_other']), emails: none };
  assert.deepEqual(type.tracesOf(data, other), { isAbout: false, ids: [] });
  assert.deepEqual(type.withoutPerson(data, other), data);
});
