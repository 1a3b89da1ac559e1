import { isJsonObject } from './json-object.ts';
import { definitionName } from './self-contained.ts';
import type { JsonSchema } from './types.ts';

/** What a schema declares about the structure of its data: all that filling, renaming and filters need to know. */
export interface Shape {
  /** Declared keys, in the schema's order. */
  readonly keys: Map<string, { shape: Shape; nullable: boolean; pii: boolean }>;
  /** Shape of an array's items. */
  items: Shape | null;
  /** Shape of the values under keys that are not declared (`additionalProperties`). */
  values: Shape | null;
  /** Whether the data is an object or an array: nothing that a filter could compare. */
  structured: boolean;
  /** The type names that its schema gives, null among them. */
  types: readonly unknown[];
}

/**
 * The shape of `schema`, whose references point into `$defs`. Follows `$ref`, `allOf`, and `anyOf` or `oneOf` with
 * null beside one other branch; a choice between several structures has no shape of its own and is left alone.
 * `known` keeps what has been seen, so that recursive schemas end and definitions are walked once for all event types.
 */
export function shapeOf(schema: unknown, $defs: Record<string, JsonSchema>, known: Map<unknown, Shape>): Shape {
  const seen = known.get(schema);
  if (seen) return seen;
  const shape: Shape = { keys: new Map(), items: null, values: null, structured: false, types: [] };
  known.set(schema, shape);
  absorb(shape, schema, new Set());
  return shape;

  function absorb(into: Shape, part: unknown, within: Set<unknown>): void {
    if (!isJsonObject(part) || within.has(part)) return;
    within.add(part);
    const types = typeNames(part);
    if (types !== null) into.types = types;
    if (types?.some((type) => type === 'object' || type === 'array')) into.structured = true;
    if (isJsonObject(part.properties)) {
      for (const [key, value] of Object.entries(part.properties)) {
        const nullable = isNullable(value, $defs) && (into.keys.get(key)?.nullable ?? true);
        const pii = isPersonal(value) || (into.keys.get(key)?.pii ?? false);
        into.keys.set(key, { shape: shapeOf(value, $defs, known), nullable, pii });
      }
    }
    if (isJsonObject(part.items)) into.items ??= shapeOf(part.items, $defs, known);
    if (isJsonObject(part.additionalProperties)) into.values ??= shapeOf(part.additionalProperties, $defs, known);
    absorb(into, referenced(part, $defs), within);
    if (Array.isArray(part.allOf)) for (const branch of part.allOf) absorb(into, branch, within);
    for (const choice of [part.anyOf, part.oneOf]) {
      if (!Array.isArray(choice)) continue;
      const branches = choice.filter((branch) => !acceptsOnlyNull(branch));
      if (branches.length === 1) absorb(into, branches[0], within);
    }
  }
}

/** Whether null is valid against `schema`, as far as its structure tells. A schema without any constraint accepts null. */
export function isNullable(schema: unknown, $defs: Record<string, JsonSchema>, within = new Set<unknown>()): boolean {
  if (schema === true) return true;
  if (!isJsonObject(schema) || within.has(schema)) return false;
  const inside = new Set(within).add(schema);
  const nullable = (part: unknown) => isNullable(part, $defs, inside);
  if (typeNames(schema)?.includes('null') === false) return false;
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) return false;
  if (Object.hasOwn(schema, 'const') && schema.const !== null) return false;
  if (schema.$ref !== undefined && !nullable(referenced(schema, $defs))) return false;
  if (Array.isArray(schema.allOf) && !schema.allOf.every(nullable)) return false;
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some(nullable)) return false;
  return !Array.isArray(schema.oneOf) || schema.oneOf.filter(nullable).length === 1;
}

function referenced(schema: JsonSchema, $defs: Record<string, JsonSchema>): unknown {
  const name = definitionName(schema.$ref);
  return name !== null && Object.hasOwn($defs, name) ? $defs[name] : undefined;
}

function typeNames(schema: JsonSchema): unknown[] | null {
  if (schema.type === undefined) return null;
  return Array.isArray(schema.type) ? schema.type : [schema.type];
}

/** Whether a field is marked with `pii: true`, the catalog's own keyword. */
function isPersonal(schema: unknown): boolean {
  return isJsonObject(schema) && schema.pii === true;
}

function acceptsOnlyNull(schema: unknown): boolean {
  if (!isJsonObject(schema)) return false;
  const types = typeNames(schema);
  return schema.const === null || (types?.length === 1 && types[0] === 'null');
}
