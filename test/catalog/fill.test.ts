import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { catalogWith, field, loaded, shippedPath, typeOf } from './catalogs.ts';

const text = field({ type: 'string' });
const nullable = field({ type: ['string', 'null'] });
const object = (properties: object) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required: Object.keys(properties),
});
const $defs = {
  part: object({ id: text, note: nullable }),
  node: object({
    id: text,
    label: nullable,
    next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }], title: 'Next', description: 'The next one.' },
  }),
  maybe_part: { anyOf: [{ $ref: '#/$defs/part' }, { type: 'null' }] },
};
const thing = typeOf(
  loaded(
    catalogWith(
      {
        part: field({ $ref: '#/$defs/part' }),
        maybe: field({ $ref: '#/$defs/maybe_part' }),
        parts: field({ type: 'array', items: { $ref: '#/$defs/part' } }),
        node: field({ $ref: '#/$defs/node' }),
        any: field({}),
        level: field({ enum: ['low', null] }),
        free: field({ type: 'object', additionalProperties: true }),
      },
      {
        part: { id: 'a', note: null },
        maybe: null,
        parts: [],
        node: { id: 'n', label: null, next: null },
        any: 1,
        level: null,
        free: {},
      },
      $defs,
    ),
  ),
  'thing.changed',
);

test('an absent nullable key becomes null: in nested objects, in arrays and behind references', () => {
  const filled = thing.fill({
    part: { id: 'a' },
    maybe: { id: 'b' },
    parts: [{ id: 'c' }, { id: 'd', note: 'kept' }],
    node: { id: 'n', next: { id: 'm' } },
    free: {},
  });
  assert.deepEqual(filled, {
    part: { id: 'a', note: null },
    maybe: { id: 'b', note: null },
    parts: [
      { id: 'c', note: null },
      { id: 'd', note: 'kept' },
    ],
    node: { id: 'n', label: null, next: { id: 'm', label: null, next: null } },
    any: null,
    level: null,
    free: {},
  });
  assert.deepEqual(thing.validate(filled), []);
});

test('a nullable reference that is absent becomes null, and one that is null stays null', () => {
  const filled = thing.fill({ maybe: undefined }) as Record<string, unknown>;
  assert.equal(filled.maybe, null);
  assert.equal((thing.fill({ maybe: null }) as Record<string, unknown>).maybe, null);
});

test('an absent key that cannot be null stays absent, so that validation reports it', () => {
  const filled = thing.fill({}) as Record<string, unknown>;
  assert.equal('part' in filled, false);
  assert.ok(thing.validate(filled).some(({ pointer }) => pointer === '/part'));
});

test('declared keys come in the order of the schema, unknown ones last', () => {
  const filled = thing.fill({ strange: 1, free: {}, part: { note: null, id: 'a' } }) as Record<string, object>;
  assert.deepEqual(Object.keys(filled), ['part', 'maybe', 'any', 'level', 'free', 'strange']);
  assert.deepEqual(Object.keys(filled.part ?? {}), ['id', 'note']);
});

test('free-form maps are left as they are', () => {
  const free = { id: 'x', part: { id: 'y' } };
  assert.equal((thing.fill({ free }) as Record<string, unknown>).free, free);
});

test('what is not an object comes back as it is', () => {
  for (const data of [null, 1, 'text', true, undefined]) assert.equal(thing.fill(data), data);
  assert.deepEqual(thing.fill([1, 2]), [1, 2]);
  assert.equal((thing.fill({ part: 'not an object' }) as Record<string, unknown>).part, 'not an object');
});

test('a __proto__ key changes no prototype and is reported', () => {
  const hostile = JSON.parse(
    '{"__proto__": {"polluted": true}, "part": {"id": "a", "__proto__": {"note": "inherited"}}}',
  );
  const filled = thing.fill(hostile) as Record<string, Record<string, unknown>>;
  assert.equal(Object.getPrototypeOf(filled), Object.prototype);
  assert.equal(filled.part?.note, null);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.ok(thing.validate(filled).some(({ pointer }) => pointer === '/__proto__'));
});

test('the input is not changed', () => {
  const complete = { id: 'b', note: null };
  const whole = {
    part: { id: 'a' },
    maybe: null,
    parts: [complete, { id: 'c' }, complete],
    node: { id: 'n', label: null, next: { id: 'm', label: null } },
    any: 1,
    level: null,
    free: {},
  };
  for (const data of [Object.freeze({ part: Object.freeze({ id: 'a' }) }), whole]) {
    const before = structuredClone(data);
    assert.notDeepEqual(thing.fill(data), before);
    assert.deepEqual(data, before);
  }
});

test('of what is complete and in order, only what lacks a key inside is filled', () => {
  const data = {
    part: { id: 'a', note: 'kept' },
    maybe: null,
    parts: [{ id: 'b', note: null }, { id: 'c' }],
    node: { id: 'n', label: null, next: { id: 'm' } },
    any: 1,
    level: 'low',
    free: {},
  };
  const filled = thing.fill(data) as Record<string, unknown>;
  assert.deepEqual(filled, {
    ...data,
    parts: [
      { id: 'b', note: null },
      { id: 'c', note: null },
    ],
    node: { id: 'n', label: null, next: { id: 'm', label: null, next: null } },
  });
  assert.deepEqual(Object.keys(filled), Object.keys(data));
});

test('what nests deeper than anybody writes is filled in a time that grows with its size alone', () => {
  let node: object = { id: 'end' };
  for (let depth = 0; depth < 1000; depth += 1) node = { id: 'n', label: null, next: node };
  let filled = (thing.fill({ node }) as { node: { next?: object } }).node;
  for (let depth = 0; depth < 1000; depth += 1) filled = filled.next as typeof filled;
  assert.deepEqual(filled, { id: 'end', label: null, next: null });
});

test('every shipped sample fills to itself, and is valid again without its nulls', () => {
  for (const type of loadCatalog(shippedPath).types.values()) {
    for (const { data } of type.samples) {
      assert.deepEqual(type.fill(data), data);
      assert.deepEqual(type.validate(type.fill(withoutNulls(data))), [], type.name);
    }
  }
});

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}
