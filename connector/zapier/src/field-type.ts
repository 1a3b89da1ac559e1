import type { JsonSchema } from './published-catalog.ts';

/** The types that both input and output fields of a Zapier app know and that this app uses. */
export type FieldType = 'string' | 'number' | 'integer' | 'boolean' | 'datetime';

/**
 * The field type for a (resolved) schema of a plain value; undefined when it may be of several types, so that nothing
 * is promised about it. Null is not a type of its own: every field may be empty.
 */
export function fieldType(schema: JsonSchema): FieldType | undefined {
  const names = new Set(valueTypes(schema).filter((name) => name !== 'null'));
  if (names.size !== 1) return undefined;
  if (names.has('string')) return schema.format === 'date-time' ? 'datetime' : 'string';
  for (const name of ['number', 'integer', 'boolean'] as const) if (names.has(name)) return name;
  return undefined;
}

function valueTypes(schema: JsonSchema): unknown[] {
  if (schema.type !== undefined) return Array.isArray(schema.type) ? schema.type : [schema.type];
  const values = Array.isArray(schema.enum) ? schema.enum : Object.hasOwn(schema, 'const') ? [schema.const] : [];
  return values.map((value) => (value === null ? 'null' : typeof value));
}
