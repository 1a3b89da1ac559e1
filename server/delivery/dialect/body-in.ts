import { dialectOf, isPersonalForm } from '../../catalog/dialect-form.ts';
import { nameIn } from '../../catalog/dialect-names.ts';
import type { Catalog, Envelope, EventType } from '../../catalog/types.ts';
import type { Dialect } from './dialect.ts';

/**
 * The body of an event in a form of a dialect; null where it is the event's own text.
 * @param text the envelope as JSON text
 * @throws whatever the dialect throws
 */
export function bodyIn(
  catalog: Pick<Catalog, 'dialects'>,
  dialects: ReadonlyMap<string, Dialect>,
  form: string,
  text: string,
  type: EventType,
): string | null {
  const dialect = dialectOf(form);
  const shape = dialects.get(dialect)?.body;
  const isWhole = isPersonalForm(form) || type.pii.length === 0;
  if (shape === undefined && isWhole) return null;
  const given = JSON.parse(text) as Envelope;
  const envelope = isWhole ? given : { ...given, data: type.withoutPersonal(given.data) };
  return shape === undefined
    ? JSON.stringify(envelope)
    : shape(envelope, type, nameIn(catalog, dialect, type) ?? type.name);
}
