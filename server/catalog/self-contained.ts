import { isJsonObject } from './json-object.ts';
import { subschemas } from './subschemas.ts';
import type { JsonSchema } from './types.ts';
import { unmarked } from './unmarked.ts';

const PREFIX = '#/$defs/';

/** The name in a reference of the form `#/$defs/<name>`, the only form that a catalog uses; null for anything else. */
export function definitionName(ref: unknown): string | null {
  if (typeof ref !== 'string' || !ref.startsWith(PREFIX)) return null;
  const name = ref.slice(PREFIX.length);
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(name) ? name : null;
}

/** Names of the definitions that `schema` refers to, directly or through others, in the order of `$defs`. */
export function reachableDefinitions(schema: unknown, $defs: Record<string, JsonSchema>): string[] {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (!isJsonObject(part)) return;
    const name = definitionName(part.$ref);
    if (name !== null && !found.has(name) && Object.hasOwn($defs, name)) {
      found.add(name);
      visit($defs[name]);
    }
    for (const [, child] of subschemas(part)) visit(child);
  };
  visit(schema);
  return Object.keys($defs).filter((name) => found.has(name));
}

/**
 * `schema` with the definitions that it needs, so that it compiles alone in any JSON Schema 2020-12 validator:
 * a no-code platform or a code generator gets one event type without the rest of the catalog.
 */
export function selfContained(schema: JsonSchema, $defs: Record<string, JsonSchema>): JsonSchema {
  const names = reachableDefinitions(schema, $defs);
  const own = Object.fromEntries(names.map((name) => [name, unmarked($defs[name])]));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...unmarked(schema),
    ...(names.length > 0 ? { $defs: own } : {}),
  };
}
