import type { JsonSchema } from './published-catalog.ts';

export type Definitions = Readonly<Record<string, JsonSchema>>;

/** A schema with its references, `allOf` and nullable choices folded into one object; the outermost keywords win. */
export interface Resolved {
  schema: JsonSchema;
  /** The definitions that went into it, to notice recursion. */
  refs: ReadonlySet<string>;
}

/**
 * Folds a schema into one object. Of `anyOf` and `oneOf`, only a choice between null and one other schema is
 * followed: a choice between several structures has no fields that could be named in advance.
 */
export function resolveSchema(schema: unknown, $defs: Definitions): Resolved {
  const refs = new Set<string>();
  return { schema: fold(schema), refs };

  function fold(part: unknown): JsonSchema {
    if (!isObject(part)) return {};
    const { $ref, allOf, anyOf, oneOf, ...own } = part;
    const folded = [referenced($ref), ...(Array.isArray(allOf) ? allOf : []), onlyChoice(anyOf), onlyChoice(oneOf)];
    return [...folded.map(fold), own].reduce(merge, {});
  }

  function referenced($ref: unknown): unknown {
    const name = typeof $ref === 'string' ? $ref.replace('#/$defs/', '') : '';
    if (refs.has(name)) return undefined;
    if (name !== '') refs.add(name);
    return $defs[name];
  }
}

/** Whether a value is an object and not an array. */
export function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merge(inner: JsonSchema, outer: JsonSchema): JsonSchema {
  if (!isObject(inner.properties) || !isObject(outer.properties)) return { ...inner, ...outer };
  return { ...inner, ...outer, properties: { ...inner.properties, ...outer.properties } };
}

function onlyChoice(choices: unknown): unknown {
  if (!Array.isArray(choices)) return undefined;
  const others = choices.filter((choice) => !isObject(choice) || choice.type !== 'null');
  return others.length === 1 ? others[0] : undefined;
}
