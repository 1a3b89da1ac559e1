import { dialectOf } from './dialect-form.ts';
import { nearest } from './nearest.ts';
import type { Catalog, EventType } from './types.ts';

type Names = Pick<Catalog, 'dialects' | 'types' | 'matches' | 'accepts' | 'nearest'>;

/** Whether a dialect has names of its own: that of a vendor, which knows its own events only. */
export function hasOwnNames(catalog: Pick<Catalog, 'dialects'>, dialect: string): boolean {
  return Object.hasOwn(catalog.dialects, dialectOf(dialect));
}

/**
 * What an event type is called in a dialect: the vendor's name, or its own where the dialect has no others. Undefined when it
 * is not offered there. Built-in types are offered everywhere.
 */
export function nameIn(catalog: Pick<Catalog, 'dialects'>, dialect: string, type: EventType): string | undefined {
  if (type.set === 'system' || !hasOwnNames(catalog, dialect)) return type.name;
  return type.aliases[dialectOf(dialect)]?.[0]?.name;
}

/**
 * The patterns in our names that a pattern in a dialect's names stands for; undefined when the dialect has nothing by that
 * name. `*` stays as it is: what it covers is looked at when an event is published.
 */
export function patternsIn(catalog: Names, dialect: string, pattern: string): string[] | undefined {
  if (!hasOwnNames(catalog, dialect)) return catalog.accepts(pattern) ? [pattern] : undefined;
  if (pattern === '*') return [pattern];
  const prefix = pattern.endsWith('.*') ? pattern.slice(0, -1) : undefined;
  const covered = [...catalog.types.values()].filter((type) => {
    const name = nameIn(catalog, dialect, type);
    if (name === undefined) return false;
    return name === pattern || (prefix !== undefined && type.set !== 'system' && name.startsWith(prefix));
  });
  return covered.length === 0 ? undefined : covered.map(({ name }) => name);
}

/** Whether patterns in a dialect's names cover an event type, which the catalog may have forgotten. */
export function coversIn(catalog: Names, dialect: string, patterns: readonly string[], typeName: string): boolean {
  const type = catalog.types.get(typeName);
  if (type === undefined || !hasOwnNames(catalog, dialect))
    return patterns.some((pattern) => pattern === typeName || catalog.matches(pattern, typeName));
  if (nameIn(catalog, dialect, type) === undefined) return false;
  return patterns.some((pattern) =>
    patternsIn(catalog, dialect, pattern)?.some((one) => one === typeName || catalog.matches(one, typeName)),
  );
}

/** The dialect's names nearest to a mistyped one, best first. */
export function nearestIn(catalog: Names, dialect: string, name: string): string[] {
  if (!hasOwnNames(catalog, dialect)) return catalog.nearest(name);
  const names = [...catalog.types.values()]
    .filter((type) => type.set !== 'system')
    .map((type) => nameIn(catalog, dialect, type))
    .filter((one) => one !== undefined);
  return nearest(name, [...new Set(names)], 3);
}
