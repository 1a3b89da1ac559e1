import type { Catalog, Envelope } from '../catalog/types.ts';
import type { Caller } from '../model.ts';
import { mayReadPersonal } from './rights.ts';

/**
 * A stored envelope as a caller may read it, as JSON text: without `member:pii` its personal fields are blank. Of an event type
 * that the catalog has forgotten nobody knows which these are, so its `data` is null.
 */
export function envelopeFor(catalog: Catalog, caller: Caller, text: string): string {
  if (mayReadPersonal(caller)) return text;
  const envelope = JSON.parse(text) as Envelope;
  const type = catalog.types.get(envelope.type);
  if (type?.pii.length === 0 || envelope.data === null) return text;
  return JSON.stringify({ ...envelope, data: type === undefined ? null : type.withoutPersonal(envelope.data) });
}
