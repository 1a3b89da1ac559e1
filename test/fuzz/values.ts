import fc from 'fast-check';
import { type Contract, resolve, type SchemaObject } from '../../server/http/contract.ts';
import { DEAD_TARGET } from '../http/samples.ts';

/** What the generator looks at in a schema of the contract. */
interface Schema extends SchemaObject {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean | Schema;
  examples?: unknown[];
}

/** What stands for an id until the request is sent, so that a seed always gives the same requests: `«b.endpoint»`. */
export const STAND_INS = ['a', 'b'].flatMap((team) =>
  ['endpoint', 'hook', 'event', 'delivery', 'replay', 'token'].map((kind) => `«${team}.${kind}»`),
);

/** Texts that have broken servers. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'a\r\nX-Injected: 1',
    '\ud800',
    '\u202e\ufeff',
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    "' or '1'='1",
    '"; drop table endpoint; --',
    '%00%0d%0a',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template engine would evaluate
    '${7*7}{{7*7}}',
    '\u{1f4a3}'.repeat(50),
    'x'.repeat(70_000),
    '1e999',
    '-0',
    'NaN',
    '9999-12-31T23:59:59Z',
    '-271821-04-20T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-05-01T08:00:60+23:59',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1/',
    'file:///etc/passwd',
    'https://user:password@example.com/',
    'whsec_',
    'hkl_live_0',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Values of any kind that a field may be given in place of its own. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e308,
    -1e308,
    2 ** 31,
    2 ** 53,
    Number.MAX_SAFE_INTEGER,
    [],
    {},
    [null],
    JSON.parse('{"__proto__":{"polluted":true}}'),
    { constructor: { prototype: { polluted: true } } },
    { $ref: '#' },
    Array.from({ length: 2_000 }, () => 0),
    JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

const DATES = ['2026-05-01T08:00:00Z', '2026-11-25T00:00:00+01:00', '1970-01-01T00:00:00Z', '2100-01-01T00:00:00.123Z'];

/** Values that a schema of the contract allows, as far as a schema can say it. */
export function valuesOf(contract: Contract, given: SchemaObject, name = ''): fc.Arbitrary<unknown> {
  const schema = resolve<Schema>(contract, given, '#').object as Schema;
  const built = made(contract, schema, name);
  return schema.examples === undefined ? built : fc.oneof(fc.constantFrom(...schema.examples), built);
}

function made(contract: Contract, schema: Schema, name: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return fc.oneof(...choices.map((one) => valuesOf(contract, one, name)));
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map((type) => ofType(contract, type, schema, name)));
}

function ofType(contract: Contract, type: string, schema: Schema, name: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer(within(schema));
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case 'array':
      return fc.array(valuesOf(contract, schema.items ?? {}, name), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case 'object':
      return objects(contract, schema);
    default:
      return texts(schema, name);
  }
}

function within({ minimum = -1_000, maximum = 1_000_000 }: Schema): { min: number; max: number } {
  return { min: Math.ceil(minimum), max: Math.floor(maximum) };
}

function objects(contract: Contract, schema: Schema): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([key, one]) => [key, valuesOf(contract, one, key)] as const,
  );
  const known = fc.record(Object.fromEntries(properties), { requiredKeys: schema.required ?? [] });
  const more = schema.additionalProperties;
  if (more === undefined || more === false || properties.length > 0) return known;
  const values = more === true ? fc.jsonValue({ maxDepth: 2 }) : valuesOf(contract, more);
  return fc.dictionary(fc.stringMatching(/^[A-Za-z-]{1,12}$/), values, { maxKeys: 3 });
}

function texts(schema: Schema, name: string): fc.Arbitrary<string> {
  if (name === 'url') return fc.constantFrom(DEAD_TARGET, 'http://127.0.0.1:9/other', 'https://example.com/hook');
  if (/^(endpoint|event|token|replay|delivery)_id$/.test(name)) return fc.constantFrom(...STAND_INS);
  if (schema.format === 'date-time') return fc.constantFrom(...DATES);
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern));
  const minLength = schema.minLength ?? 0;
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(schema.maxLength ?? 20, 20)) });
}

/** A value with one spot of it spoilt: something hostile in its place, gone, or something unknown beside it. */
export function spoilt(value: unknown): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.nat(1_000), fc.constantFrom('replace', 'remove', 'add'), hostileValue)
    .map(([at, how, hostile]) => {
      const copy = structuredClone(value);
      const spots = spotsOf(copy);
      const spot = spots[at % Math.max(spots.length, 1)];
      if (spot === undefined) return hostile;
      const [holder, key] = spot;
      if (how === 'replace') holder[key] = hostile;
      else if (how === 'remove') delete holder[key];
      else holder[`${key}_`] = hostile;
      return copy;
    });
}

type Holder = Record<string, unknown>;

/** Every place in a value, outermost first. */
function spotsOf(value: unknown): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key): [Holder, string][] => [[holder, key], ...spotsOf(holder[key])]);
}
