import { escapeSegment } from '../catalog/json-pointer.ts';
import type { Catalog } from '../catalog/types.ts';
import type { Filters } from '../model.ts';
import { type FieldFault, Problem } from '../problem.ts';

/**
 * Checks that every filter is one that some subscribed event type has; one that none has would let nothing through.
 * @throws Problem 422 `filter_unknown`, naming the fields there are.
 */
export function checkFilters(catalog: Catalog, patterns: readonly string[], filters: Filters | null): void {
  if (filters === null) return;
  const known = new Set(
    catalog.expand(patterns).flatMap((name) => Object.keys(catalog.types.get(name)?.filters ?? {})),
  );
  const list = known.size > 0 ? [...known].map((field) => `"${field}"`).join(', ') : 'none';
  const faults: FieldFault[] = Object.keys(filters)
    .filter((field) => !known.has(field))
    .map((field) => ({
      pointer: `/filters/${escapeSegment(field)}`,
      message: `is not a filter of these event types; known are: ${list}`,
    }));
  if (faults.length > 0)
    throw new Problem(
      422,
      'filter_unknown',
      `The event types of this endpoint do not have every filter asked for. Known are: ${list}.`,
      { errors: faults },
    );
}
