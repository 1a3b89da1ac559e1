import { hash } from 'node:crypto';
import type { Catalog, Envelope, EventType, Person } from '../catalog/types.ts';
import type { Statements } from '../storage/database.ts';
import {
  forgetReplies,
  type MarkedEvent,
  readBodyForms,
  readOrderingKeys,
  replaceBody,
  replaceEnvelope,
  replaceOrderingKey,
  takeMarkedEvents,
} from '../storage/erasing.ts';
import { bodyIn } from './dialect/body-in.ts';
import type { Dialect } from './dialect/dialect.ts';

/** Events searched in one transaction. */
const SPAN = 1000;

/** Who is to be forgotten. */
export interface Wanted {
  memberId?: string | undefined;
  email?: string | undefined;
}

/** How far an erasure has come. Plain data: it is kept between its transactions, without any personal field. */
export interface ErasureProgress {
  /** The next event to look at, and the last one: what is published later is not looked at. */
  nextSeq: number;
  lastSeq: number;
  /** Ids of the person that were found beside the email address. */
  ids: string[];
  /** Whether some were found after events that only they lead to may have gone by. */
  isIncomplete: boolean;
  /** Events whose fields are blank now, and attempts whose reply is forgotten. */
  events: number;
  attempts: number;
  isDone: boolean;
}

/** What erasing is made of. */
export interface EraseParts {
  catalog: Catalog;
  dialects: ReadonlyMap<string, Dialect>;
}

/** An erasure at its beginning. `lastSeq` is the number of the team's last event. */
export function beginErasure(lastSeq: number): ErasureProgress {
  return { nextSeq: 1, lastSeq, ids: [], isIncomplete: false, events: 0, attempts: 0, isDone: lastSeq === 0 };
}

/**
 * Blanks a person's fields in the next events of a team: in the event itself, in every body that was frozen from it, in what
 * orders its deliveries, and in what receivers replied. An email address leads to the ids that stand beside it; when such are
 * found, the events are gone through once more.
 */
export async function erasePage(
  tx: Statements,
  parts: EraseParts,
  teamId: string,
  wanted: Wanted,
  before: ErasureProgress,
  now: number,
): Promise<ErasureProgress> {
  const person = personOf(wanted, before.ids);
  const known = new Set(person.ids);
  const last = Math.min(before.lastSeq, before.nextSeq + SPAN - 1);
  const words = [...[...person.ids].map((id) => JSON.stringify(id)), ...[...person.emails].map(bare)];
  const progress = { ...before };
  for (const event of await takeMarkedEvents(tx, teamId, { first: before.nextSeq, last }, words)) {
    const { isAbout, isChanged, ids } = await eraseEvent(tx, parts, teamId, event, person, now);
    if (!isAbout) continue;
    for (const id of ids) known.add(id);
    if (isChanged) progress.events += 1;
    // Also when its fields were blank before: an attempt that was under way then may have ended since.
    progress.attempts += await forgetReplies(tx, teamId, event.id);
  }
  const found = [...known].filter((id) => id !== wanted.memberId);
  progress.isIncomplete = before.isIncomplete || found.length > before.ids.length;
  progress.ids = found;
  progress.nextSeq = last + 1;
  if (progress.nextSeq <= progress.lastSeq) return progress;
  if (!progress.isIncomplete) return { ...progress, isDone: true };
  return { ...progress, nextSeq: 1, isIncomplete: false };
}

function personOf({ memberId, email }: Wanted, ids: readonly string[]): Person {
  return {
    ids: new Set(memberId === undefined ? ids : [memberId, ...ids]),
    emails: new Set(email === undefined ? [] : [email.toLowerCase()]),
  };
}

/** Text as it stands inside a JSON string. */
function bare(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

async function eraseEvent(
  tx: Statements,
  { catalog, dialects }: EraseParts,
  teamId: string,
  event: MarkedEvent,
  person: Person,
  now: number,
): Promise<{ isAbout: boolean; isChanged: boolean; ids: string[] }> {
  const envelope = JSON.parse(event.envelope) as Envelope;
  const type = catalog.types.get(event.type);
  const traces = type?.tracesOf(envelope.data, person) ?? { isAbout: true, ids: [] };
  if (!traces.isAbout) return { ...traces, isChanged: false };
  // The catalog has forgotten what its fields mean: none of them can stay.
  const data = type === undefined ? null : type.withoutPerson(envelope.data, person);
  const text = JSON.stringify({ ...envelope, data });
  if (text === event.envelope) return { ...traces, isChanged: false };
  await replaceEnvelope(tx, teamId, event.id, text, type === undefined ? now : null);
  for (const form of await readBodyForms(tx, teamId, event.id))
    await replaceBody(tx, teamId, event.id, form, shaped(catalog, dialects, form, text, type));
  for (const key of await readOrderingKeys(tx, teamId, event.id))
    if (event.envelope.includes(key) && !text.includes(key))
      await replaceOrderingKey(tx, teamId, event.id, key, hash('sha256', key));
  return { ...traces, isChanged: true };
}

/** The body anew; empty where it cannot be made, so that its deliveries end with that reason. */
function shaped(
  catalog: Catalog,
  dialects: ReadonlyMap<string, Dialect>,
  form: string,
  text: string,
  type: EventType | undefined,
): string {
  if (type === undefined) return '';
  try {
    return bodyIn(catalog, dialects, form, text, type) ?? '';
  } catch {
    return '';
  }
}
