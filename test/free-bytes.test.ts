import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeBytes } from '../server/free-bytes.ts';

const LARGE = 64 * 1024;

test('large bytes are freed at once', () => {
  const bytes = Buffer.allocUnsafeSlow(LARGE);
  const { buffer } = bytes;
  freeBytes(bytes);
  assert.equal(buffer.byteLength, 0);
  assert.equal(bytes.length, 0);
});

test('bytes that are a part of something larger stay', () => {
  const whole = Buffer.alloc(2 * LARGE, 'a');
  freeBytes(whole.subarray(0, LARGE));
  freeBytes(whole.subarray(LARGE));
  assert.ok(whole.equals(Buffer.alloc(2 * LARGE, 'a')));
});

test('small bytes, which share their memory, stay', () => {
  const bytes = Buffer.from('small');
  freeBytes(bytes);
  assert.equal(bytes.toString(), 'small');
});
