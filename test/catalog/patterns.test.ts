import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { parcelsPath, shippedPath, typeOf } from './catalogs.ts';

const catalog = loadCatalog(shippedPath);

test('an exact name covers itself alone', () => {
  assert.deepEqual(catalog.expand(['member.joined']), ['member.joined']);
  assert.equal(catalog.matches('member.joined', 'member.churned'), false);
});

test('family.* covers the first segment of the name, core and extended', () => {
  assert.equal(catalog.expand(['project.*']).length, 12);
  assert.equal(catalog.expand(['member.*']).length, 14);
  assert.equal(catalog.matches('project.*', 'project.bot.connected'), true);
  assert.equal(catalog.matches('team.*', 'member.joined'), false);
});

test('* covers everything but built-in types, which answer to their exact name only', () => {
  assert.equal(catalog.expand(['*']).length, 78);
  assert.equal(catalog.matches('*', 'webhook.test'), false);
  assert.equal(catalog.matches('webhook.*', 'webhook.test'), false);
  assert.equal(catalog.matches('webhook.test', 'webhook.test'), true);
});

test('a reserved type is covered by wildcards', () => {
  assert.equal(catalog.matches('*', 'project.bot.status_changed'), true);
});

test('overlapping patterns name each event type once, in the order of the catalog', () => {
  const names = catalog.expand(['role.deleted', 'role.*', 'role.created']);
  assert.deepEqual(names, ['role.created', 'role.updated', 'role.deleted']);
});

test('only patterns that can cover something are accepted', () => {
  for (const pattern of ['*', 'member.*', 'member.joined', 'webhook.test'])
    assert.ok(catalog.accepts(pattern), pattern);
  for (const pattern of ['', 'member', 'member*', 'project.bot.*', 'webhook.*', '*.*', 'nothing.*', 'member.jumped']) {
    assert.ok(!catalog.accepts(pattern), pattern);
  }
});

test('a mistyped name is answered with the nearest ones', () => {
  assert.equal(catalog.nearest('member.joind')[0], 'member.joined');
  assert.equal(catalog.nearest('Subscription.canceled')[0], 'subscription.cancelled');
  assert.equal(catalog.nearest('payment.failed', 5).length, 5);
  assert.equal(catalog.nearest('x'.repeat(1_000_000)).length, 3);
});

test('a filter looks at one value of the data', () => {
  const scanned = typeOf(loadCatalog(parcelsPath), 'parcel.scanned');
  const data = scanned.samples[0]?.data;
  assert.equal(scanned.filterValue('service', data), 'express');
  assert.equal(scanned.filterValue('depot', { depot: null }), undefined);
  assert.equal(scanned.filterValue('colour', data), undefined);
  assert.equal(scanned.filterValue('constructor', data), undefined);
});
