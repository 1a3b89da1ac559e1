import { hasOwnNames, nearestIn, patternsIn } from '../catalog/dialect-names.ts';
import type { Catalog } from '../catalog/types.ts';
import { Problem, type ProblemCode } from '../problem.ts';

/** The events that an endpoint asks for. */
export interface AskedEvents {
  /** In its dialect's names, each once, in the order given. */
  names: string[];
  /** The patterns in our names that they stand for. */
  patterns: string[];
  /** What was asked for, in its order, each with what it stands for. */
  asked: AskedName[];
}

/** A name of the dialect, and the patterns in our names that it stands for. */
export interface AskedName {
  name: string;
  patterns: string[];
}

/**
 * The events of an endpoint of a dialect, which are asked for by the dialect's names.
 * @throws Problem 422 `event_type_unknown`, `event_type_system` or `event_type_reserved`.
 */
export function checkEvents(catalog: Catalog, asked: readonly string[], dialect: string): AskedEvents {
  const found = asked.map((pattern, index): AskedName => {
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
    const patterns = patternsIn(catalog, dialect, pattern);
    if (patterns === undefined)
      throw problem(
        'event_type_unknown',
        index,
        `There is no event type "${pattern}"${hasOwnNames(catalog, dialect) ? ` in the dialect "${dialect}"` : ''}.${hint(catalog, dialect, pattern)} Wildcards are "<first word>.*" and "*".`,
      );
    return { name: pattern, patterns };
  });
  const patterns = found.flatMap((one) => one.patterns);
  return { names: [...new Set(asked)], patterns: [...new Set(patterns)], asked: found };
}

function hint(catalog: Catalog, dialect: string, pattern: string): string {
  const nearest = nearestIn(catalog, dialect, pattern).map((name) => `"${name}"`);
  return nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : '';
}

function problem(code: ProblemCode, index: number, detail: string): Problem {
  return new Problem(422, code, detail, { errors: [{ pointer: `/events/${index}`, message: detail }] });
}
