import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { shippedPath, typeOf } from './catalogs.ts';

const catalog = loadCatalog(shippedPath);

type Data = Record<string, Record<string, unknown>>;

function sampleOf(name: string): Data {
  return structuredClone(typeOf(catalog, name).samples[0]?.data) as Data;
}

test('MemberPass says subscriber for member, at every declared depth', () => {
  const renamed = typeOf(catalog, 'member.joined').rename('memberpass', sampleOf('member.joined')) as Data;
  assert.deepEqual(Object.keys(renamed), ['subscriber', 'subscription', 'plan', 'project', 'access_code']);
  assert.equal(renamed.subscription?.subscriber_id, renamed.subscriber?.id);
  assert.equal('member_id' in (renamed.subscription ?? {}), false);
});

test('renamed keys keep their place', () => {
  const before = sampleOf('member.joined');
  const renamed = typeOf(catalog, 'member.joined').rename('memberpass', before) as Data;
  const expected = Object.keys(before.subscription ?? {}).map((key) => (key === 'member_id' ? 'subscriber_id' : key));
  assert.deepEqual(Object.keys(renamed.subscription ?? {}), expected);
});

test('keys inside free-form maps are the customer’s own and stay', () => {
  const data = sampleOf('member.joined');
  if (data.member) {
    data.member.custom_fields = { member: 'gold', member_id: '7' };
    data.member.metadata = { member: { member_id: 1 } };
  }
  const renamed = typeOf(catalog, 'member.joined').rename('memberpass', data) as Data;
  assert.deepEqual(renamed.subscriber?.custom_fields, { member: 'gold', member_id: '7' });
  assert.deepEqual(renamed.subscriber?.metadata, { member: { member_id: 1 } });
});

test('a dialect without renames, an unknown one, and data without such keys come back as they are', () => {
  const data = sampleOf('member.joined');
  const type = typeOf(catalog, 'member.joined');
  assert.equal(type.rename('memberstack', data), data);
  assert.equal(type.rename('standard', data), data);
  const plan = sampleOf('plan.created');
  assert.equal(typeOf(catalog, 'plan.created').rename('memberpass', plan), plan);
});

test('the input is not changed', () => {
  const data = sampleOf('member.joined');
  typeOf(catalog, 'member.joined').rename('memberpass', data);
  assert.deepEqual(data, sampleOf('member.joined'));
});

test('the published document says which renames apply to which event type', () => {
  const renames = new Map(catalog.document.events.map((type) => [type.name, type.renames.memberpass]));
  assert.deepEqual(renames.get('member.joined'), { member: 'subscriber', member_id: 'subscriber_id' });
  assert.deepEqual(renames.get('member.banned'), { member: 'subscriber' });
  assert.deepEqual(renames.get('plan.created'), {});
});
