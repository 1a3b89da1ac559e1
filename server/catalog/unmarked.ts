import { isJsonObject } from './json-object.ts';
import { pointerSegments } from './json-pointer.ts';
import { subschemas } from './subschemas.ts';
import type { JsonSchema } from './types.ts';

/** Keywords of the catalog that are none of JSON Schema. */
export const MARKS = ['pii'];

/**
 * A schema without the catalog's own keywords, as it is published: a strict validator takes no keyword that it does not know.
 * What has none comes back as it is.
 */
export function unmarked<T>(schema: T): T {
  if (!isJsonObject(schema)) return schema;
  const copy: Record<string, unknown> = { ...schema };
  for (const mark of MARKS) delete copy[mark];
  let isSame = Object.keys(copy).length === Object.keys(schema).length;
  for (const [pointer, child] of subschemas(schema as JsonSchema)) {
    const clean = unmarked(child);
    if (clean === child) continue;
    isSame = false;
    put(copy, pointerSegments(pointer) ?? [], clean);
  }
  return isSame ? schema : (copy as T);
}

/** Puts a value into a copy whose holders are copied on the way. */
function put(into: Record<string, unknown>, [first = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const held = into[first];
  const copy = Array.isArray(held) ? [...held] : { ...(held as object) };
  into[first] = copy;
  put(copy as Record<string, unknown>, rest, value);
}
