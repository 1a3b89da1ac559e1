import { isJsonObject } from './json-object.ts';
import { escapeSegment } from './json-pointer.ts';
import type { JsonSchema } from './types.ts';

// Keywords of JSON Schema 2020-12 that hold schemas, by how they hold them. `const`, `enum`, `default` and `examples`
// hold data, in which a key named `$ref` means nothing.
const ONE = [
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
];
const LIST = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAP = ['properties', 'patternProperties', 'dependentSchemas', '$defs'];

/** The schemas directly inside `schema`, each with its JSON pointer relative to it. */
export function subschemas(schema: JsonSchema): [pointer: string, schema: unknown][] {
  const found: [string, unknown][] = [];
  for (const keyword of ONE) if (Object.hasOwn(schema, keyword)) found.push([`/${keyword}`, schema[keyword]]);
  for (const keyword of LIST) {
    const list = schema[keyword];
    if (Array.isArray(list)) list.forEach((one, index) => void found.push([`/${keyword}/${index}`, one]));
  }
  for (const keyword of MAP) {
    const map = schema[keyword];
    if (!isJsonObject(map)) continue;
    for (const [key, one] of Object.entries(map)) found.push([`/${keyword}/${escapeSegment(key)}`, one]);
  }
  return found;
}
