import type { Catalog } from '../catalog/types.ts';
import { Problem } from '../problem.ts';

/**
 * The patterns of an endpoint, each once, in the order given.
 * @throws Problem 422 `event_type_unknown`, `event_type_system` or `event_type_reserved`.
 */
export function checkEvents(catalog: Catalog, patterns: readonly string[]): string[] {
  patterns.forEach((pattern, index) => {
    const type = catalog.types.get(pattern);
    if (type !== undefined && type === catalog.testType)
      throw problem(
        'event_type_system',
        index,
        `"${pattern}" is a built-in type: a test sends it to any endpoint, nothing needs to subscribe to it.`,
      );
    if (type?.status === 'reserved')
      throw problem(
        'event_type_reserved',
        index,
        `"${pattern}" is reserved: it is listed in the catalog but never happens yet.`,
      );
    if (!catalog.accepts(pattern))
      throw problem(
        'event_type_unknown',
        index,
        `There is no event type "${pattern}".${hint(catalog, pattern)} Wildcards are "<first word>.*" and "*".`,
      );
  });
  return [...new Set(patterns)];
}

function hint(catalog: Catalog, pattern: string): string {
  const nearest = catalog.nearest(pattern).map((name) => `"${name}"`);
  return nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : '';
}

function problem(code: string, index: number, detail: string): Problem {
  return new Problem(422, code, detail, { errors: [{ pointer: `/events/${index}`, message: detail }] });
}
