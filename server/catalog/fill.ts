import { isJsonObject, type JsonObject, setOwn } from './json-object.ts';
import type { Shape } from './shape.ts';

export type Fill = (data: unknown) => unknown;

/**
 * Compiles the function that puts null where a nullable key is absent, deeply; see `EventType.fill`.
 * Compiled once into closures, no schema is walked. An object that is complete and in the schema's order is taken as it is: copies
 * of all, made key by key, took 8 of the 105 µs of a publish.
 * `known` shares the closures of shapes that several event types have in common.
 */
export function compileFill(shape: Shape, known: Map<Shape, Fill>): Fill {
  const seen = known.get(shape);
  if (seen) return seen;
  // Looked up at call time through this one indirection, so that recursive shapes can refer to themselves.
  let body: Fill = (data) => data;
  const fill: Fill = (data) => body(data);
  known.set(shape, fill);

  const keys: Key[] = [...shape.keys].map(([key, { shape: inner, nullable }]) => {
    return { key, nullable, fill: isPlain(inner) ? null : compileFill(inner, known) };
  });
  const values = shape.values && !isPlain(shape.values) ? compileFill(shape.values, known) : null;
  const items = shape.items && !isPlain(shape.items) ? compileFill(shape.items, known) : null;

  body = (data) => {
    if (Array.isArray(data)) return items ? fillItems(data, items) : data;
    if (!isJsonObject(data)) return data;
    if (keys.length === 0 && !values) return data;
    const present = Object.keys(data);
    if (isWhole(data, present, keys)) return fillInside(data, keys);
    const filled: JsonObject = {};
    for (const { key, nullable, fill: inner } of keys) {
      const value = Object.hasOwn(data, key) ? data[key] : undefined;
      if (value !== undefined) setOwn(filled, key, inner ? inner(value) : value);
      else if (nullable) setOwn(filled, key, null);
    }
    for (const key of present) {
      if (!shape.keys.has(key)) setOwn(filled, key, values ? values(data[key]) : data[key]);
    }
    return filled;
  };
  return fill;
}

/** A key of an object, whether it may be null, and what fills its value, if anything in it can be filled. */
interface Key {
  key: string;
  nullable: boolean;
  fill: Fill | null;
}

/** Whether an object has all keys of its schema, in that order, and no other. */
function isWhole(data: JsonObject, present: readonly string[], keys: readonly Key[]): boolean {
  return (
    present.length === keys.length && keys.every(({ key }, index) => present[index] === key && data[key] !== undefined)
  );
}

/** Fills the values of an object, which is copied only when one of them changes. */
function fillInside(data: JsonObject, keys: readonly Key[]): JsonObject {
  let filled: JsonObject | undefined;
  for (const { key, fill } of keys) {
    if (fill === null) continue;
    const value = fill(data[key]);
    if (value === data[key]) continue;
    filled ??= { ...data };
    setOwn(filled, key, value);
  }
  return filled ?? data;
}

/** The same for the items of a list. */
function fillItems(list: readonly unknown[], fill: Fill): readonly unknown[] {
  let filled: unknown[] | undefined;
  for (const [index, item] of list.entries()) {
    const value = fill(item);
    if (value === item) continue;
    filled ??= [...list];
    filled[index] = value;
  }
  return filled ?? list;
}

/** Nothing inside to fill. */
function isPlain(shape: Shape): boolean {
  return shape.keys.size === 0 && shape.items === null && shape.values === null;
}
