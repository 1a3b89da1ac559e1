import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { parcelsPath, typeOf } from './catalogs.ts';

const catalog = loadCatalog(parcelsPath);
const scanned = typeOf(catalog, 'parcel.scanned');

// biome-ignore lint/suspicious/noExplicitAny: tests break data in every way
function broken(change: (data: any) => void): unknown {
  const data = structuredClone(scanned.samples[0]?.data);
  change(data);
  return data;
}

test('a missing field is reported at the place where it belongs', () => {
  const data = broken(({ parcel }) => delete parcel.recipient.address.city);
  assert.deepEqual(scanned.validate(data), [
    { pointer: '/parcel/recipient/address/city', message: 'is missing: add it' },
  ]);
});

test('all faults are reported, each at its own place', () => {
  const data = broken(({ parcel }) => {
    parcel.weight_grams = '1250';
    parcel.service = 'pigeon';
    parcel.items[1].colour = 'blue';
    parcel.recipient.email = 'nobody';
    parcel.expected_at = 'tomorrow';
  });
  assert.deepEqual(scanned.validate(data), [
    { pointer: '/parcel/service', message: 'must be one of "standard", "express"' },
    { pointer: '/parcel/weight_grams', message: 'must be an integer, but is a string' },
    { pointer: '/parcel/recipient/email', message: 'must be an email address' },
    { pointer: '/parcel/items/1/colour', message: 'is not a field of this event type: remove it' },
    { pointer: '/parcel/expected_at', message: 'must be an ISO 8601 date and time, such as 2026-05-01T08:00:00Z' },
  ]);
});

test('a nullable object that is something else is told what it may be, in one message', () => {
  assert.deepEqual(
    scanned.validate(
      broken((data) => {
        data.depot = 'Bergen';
      }),
    ),
    [{ pointer: '/depot', message: 'must be an object or null, but is a string' }],
  );
  assert.deepEqual(
    scanned.validate(
      broken(({ depot }) => {
        depot.capacity = 'many';
      }),
    ),
    [{ pointer: '/depot/capacity', message: 'must be an integer or null, but is a string' }],
  );
});

test('keys with slashes and tildes are escaped in the pointer', () => {
  const data = broken(({ parcel }) => {
    parcel['a/b~c'] = 1;
  });
  assert.equal(scanned.validate(data)[0]?.pointer, '/parcel/a~1b~0c');
});

test('data that is not an object is one fault', () => {
  assert.deepEqual(scanned.validate('text'), [{ pointer: '', message: 'must be an object, but is a string' }]);
});

test('a flood of faults is cut, and the rest is counted', () => {
  const data = broken(({ parcel }) => {
    parcel.items = Array.from({ length: 1000 }, () => 1);
  });
  const faults = scanned.validate(data);
  assert.equal(faults.length, 201);
  assert.equal(faults.at(-1)?.message, 'has 800 more faults, which are not listed');
});
