import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import fc from 'fast-check';
import { isDateTime } from '../../server/catalog/date-time.ts';

const published = fullFormats['date-time'] as { validate(text: string): boolean };

/** A number in digits, of those that are near the limits of days and hours. */
const digits = fc.oneof(
  fc.integer({ min: 0, max: 99 }),
  fc.constantFrom(0, 1, 12, 13, 23, 24, 28, 29, 30, 31, 32, 59, 60),
);
const two = digits.map((number) => String(number).padStart(2, '0'));
const moment = fc
  .tuple(
    fc.constantFrom('2026', '2024', '1900', '0000', '12026', '26'),
    two,
    two,
    fc.constantFrom('T', 't', ' ', ''),
    two,
    two,
    two,
    fc.constantFrom('', '.1', '.123', '.', '.123456789', ',5'),
    fc.constantFrom('Z', 'z', '', '+01:00', '-23:59', '+2400', ' Z', 'Z\n'),
  )
  .map(
    ([year, month, day, t, hour, minute, second, part, zone]) =>
      `${year}-${month}-${day}${t}${hour}:${minute}:${second}${part}${zone}`,
  );

test('a moment is one exactly when ajv-formats takes it for one', () => {
  fc.assert(
    fc.property(moment, (text) => {
      assert.equal(isDateTime(text), published.validate(text), text);
    }),
    { numRuns: 5000 },
  );
  for (const text of ['2026-11-26T18:00:00.000Z', '2024-02-29T00:00:00Z', '2016-12-31T23:59:60Z'])
    assert.ok(isDateTime(text), text);
  for (const text of ['2026-02-29T00:00:00Z', '2026-11-26', '2026-11-31T00:00:00Z', '2026-13-01T00:00:00Z'])
    assert.ok(!isDateTime(text), text);
});
