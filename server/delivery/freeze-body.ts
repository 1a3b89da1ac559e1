import { nameIn } from '../catalog/dialect-names.ts';
import type { Catalog, Envelope } from '../catalog/types.ts';
import type { EventRow } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { hasBody, insertBody } from '../storage/event-body.ts';
import type { Dialect } from './dialect/dialect.ts';

/** What shapes the body of a past event. */
export interface BodyParts {
  catalog: Catalog;
  dialects: ReadonlyMap<string, Dialect>;
}

/**
 * Makes sure that a past event has its body in a dialect: the one frozen when the event went to another endpoint, or, when it
 * never went out in this dialect, one made now.
 * @throws Problem 422 `event_type_unknown` when it must be made and the catalog has forgotten the event's type.
 */
export async function freezeBody(
  tx: Statements,
  { catalog, dialects }: BodyParts,
  event: EventRow,
  dialect: string,
): Promise<void> {
  const shape = dialects.get(dialect)?.body;
  // Without a shape of its own, the dialect sends the envelope.
  if (shape === undefined || (await hasBody(tx, event.team_id, event.id, dialect))) return;
  const type = catalog.types.get(event.type);
  if (type === undefined)
    throw new Problem(
      422,
      'event_type_unknown',
      `The catalog has no "${event.type}" any more, so the event cannot be put into the dialect "${dialect}". Deliver it to an endpoint of the dialect "standard".`,
    );
  await insertBody(
    tx,
    event.team_id,
    event.id,
    dialect,
    shape(JSON.parse(event.envelope) as Envelope, type, nameIn(catalog, dialect, type) ?? type.name),
  );
}
