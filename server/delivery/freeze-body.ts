import { dialectOf, isPersonalForm } from '../catalog/dialect-form.ts';
import type { Catalog } from '../catalog/types.ts';
import type { EventRow } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { hasBody, insertBody } from '../storage/event-body.ts';
import { bodyIn } from './dialect/body-in.ts';
import type { Dialect } from './dialect/dialect.ts';

/** What shapes the body of a past event. */
export interface BodyParts {
  catalog: Catalog;
  dialects: ReadonlyMap<string, Dialect>;
}

/**
 * Makes sure that a past event has its body in a form of a dialect: the one frozen when the event went to another endpoint, or, when it
 * never went out in this dialect, one made now.
 * @throws Problem 422 `event_type_unknown` when it must be made and the catalog has forgotten the event's type.
 */
export async function freezeBody(
  tx: Statements,
  { catalog, dialects }: BodyParts,
  event: EventRow,
  form: string,
): Promise<void> {
  // Without a shape of its own, the dialect sends the envelope.
  if (isPersonalForm(form) && dialects.get(form)?.body === undefined) return;
  if (await hasBody(tx, event.team_id, event.id, form)) return;
  const type = catalog.types.get(event.type);
  if (type === undefined)
    throw new Problem(
      422,
      'event_type_unknown',
      `The catalog has no "${event.type}" any more, so the event cannot be put into the dialect "${dialectOf(form)}". Deliver it to an endpoint of the dialect "standard".`,
    );
  const body = bodyIn(catalog, dialects, form, event.envelope, type);
  if (body !== null) await insertBody(tx, event, form, body);
}
