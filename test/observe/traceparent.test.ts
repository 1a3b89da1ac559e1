import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childOf, parseTraceparent, traceIdOf } from '../../server/observe/traceparent.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${PARENT}-01`;

test('a valid traceparent is taken as it is', () => {
  assert.equal(parseTraceparent(VALID), VALID);
  assert.equal(parseTraceparent(` ${VALID} `), VALID);
});

test('a later version is read as far as this one knows it', () => {
  assert.equal(parseTraceparent(`cc-${TRACE}-${PARENT}-01`), VALID);
  assert.equal(parseTraceparent(`cc-${TRACE}-${PARENT}-01-what-the-future-brings`), VALID);
});

test('flags that this program does not know are not passed on', () => {
  assert.equal(parseTraceparent(`00-${TRACE}-${PARENT}-ff`), `00-${TRACE}-${PARENT}-03`);
  assert.equal(parseTraceparent(`00-${TRACE}-${PARENT}-08`), `00-${TRACE}-${PARENT}-00`);
});

test('what is not valid counts as absent', () => {
  for (const header of [
    undefined,
    '',
    'junk',
    `ff-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}-1`,
    `00-${TRACE}-${PARENT}`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `cc-${TRACE}-${PARENT}-01.more`,
    `${VALID}, ${VALID}`,
  ])
    assert.equal(parseTraceparent(header), null, header);
});

test('each attempt gets a parent id of its own in the same trace', () => {
  const [one, other] = [childOf(VALID), childOf(VALID)];
  for (const child of [one, other]) {
    assert.match(child, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    assert.ok(!child.includes(PARENT));
    assert.equal(parseTraceparent(child), child);
  }
  assert.notEqual(one, other);
  assert.equal(traceIdOf(one), TRACE);
});
