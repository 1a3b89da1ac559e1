import type { Catalog, EventType } from '../catalog/types.ts';
import { Problem } from '../problem.ts';

/** The event type named in a path. @throws Problem 404 `event_type_not_found`, with the nearest names. */
export function eventTypeOf(catalog: Catalog, name: string): EventType {
  const type = catalog.types.get(name);
  if (type !== undefined) return type;
  const nearest = catalog.nearest(name).map((one) => `"${one}"`);
  const hint = nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : '';
  throw new Problem(404, 'event_type_not_found', `There is no event type "${name}".${hint}`);
}
