import type { Catalog, EventType } from './types.ts';

/**
 * What the patterns of an endpoint cover: an exact name, `family.*` (the first segment of the name) or `*`.
 * Wildcards cover the core and extended sets; a built-in type is covered by its exact name alone.
 */
export function patterns(types: ReadonlyMap<string, EventType>): Pick<Catalog, 'accepts' | 'matches' | 'expand'> {
  const families = new Set<string>();
  for (const type of types.values()) if (type.set !== 'system') families.add(type.family);

  function matches(pattern: string, name: string): boolean {
    const type = types.get(name);
    if (!type) return false;
    if (pattern === name) return true;
    if (type.set === 'system') return false;
    return pattern === '*' || (pattern.endsWith('.*') && pattern.slice(0, -2) === type.family);
  }

  return {
    matches,
    accepts: (pattern) =>
      pattern === '*' || types.has(pattern) || (pattern.endsWith('.*') && families.has(pattern.slice(0, -2))),
    expand: (asked) => [...types.keys()].filter((name) => asked.some((pattern) => matches(pattern, name))),
  };
}
