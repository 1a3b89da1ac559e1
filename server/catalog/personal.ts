import { isJsonObject, type JsonObject, setOwn } from './json-object.ts';
import { escapeSegment } from './json-pointer.ts';
import type { Shape } from './shape.ts';
import type { Person, Traces } from './types.ts';

/** Under these keys an object says whose it is. */
const IDENTITIES = ['id', 'member_id', 'user_id'];

/** What stands in a personal field that is blank: null, or, where the schema has no null, as little as it allows. */
function blankOf({ shape, nullable }: { shape: Shape; nullable: boolean }): unknown {
  if (nullable) return null;
  if (shape.types.includes('object')) return {};
  return shape.types.includes('array') ? [] : '';
}

/** Every personal field, as a JSON pointer into the data in which `*` stands for each item of a list. */
export function personalPointers(shape: Shape): string[] {
  const found: string[] = [];
  const walk = (here: Shape, at: string, within: readonly Shape[]): void => {
    if (within.includes(here)) return;
    const inside = [...within, here];
    for (const [key, field] of here.keys) {
      const pointer = `${at}/${escapeSegment(key)}`;
      if (field.pii) found.push(pointer);
      else walk(field.shape, pointer, inside);
    }
    if (here.items !== null) walk(here.items, `${at}/*`, inside);
    if (here.values !== null) walk(here.values, `${at}/*`, inside);
  };
  walk(shape, '', []);
  return found;
}

/** Data with its personal fields blank: all of them, or those of objects that `isMeant` takes. */
export function withoutPersonal(
  shape: Shape,
  data: unknown,
  isMeant: (object: JsonObject) => boolean = () => true,
): unknown {
  const walk = (here: Shape, value: unknown): unknown => {
    if (Array.isArray(value)) return here.items === null ? value : value.map((item) => walk(here.items as Shape, item));
    if (!isJsonObject(value)) return value;
    const blanks = isMeant(value);
    const result: JsonObject = {};
    for (const [key, inner] of Object.entries(value)) {
      const field = here.keys.get(key);
      if (field?.pii === true) setOwn(result, key, blanks ? blankOf(field) : inner);
      else setOwn(result, key, field ? walk(field.shape, inner) : here.values ? walk(here.values, inner) : inner);
    }
    return result;
  };
  return walk(shape, data);
}

/** Looks for a person in data: an id of theirs under a key for ids, or an email address of theirs in a personal field. */
export function tracesOf(shape: Shape, data: unknown, person: Person): Traces {
  const traces: Traces = { isAbout: false, ids: [] };
  const walk = (here: Shape, value: unknown): void => {
    if (Array.isArray(value)) {
      if (here.items !== null) for (const item of value) walk(here.items, item);
      return;
    }
    if (!isJsonObject(value)) return;
    const hasEmail = emailsIn(here, value).some((email) => person.emails.has(email));
    if (hasEmail || isTheirs(value, person)) traces.isAbout = true;
    // An object with personal fields is a person; what it calls its id is the person's.
    if (hasEmail) traces.ids.push(...identitiesOf(value));
    for (const [key, inner] of Object.entries(value)) {
      const next = here.keys.get(key)?.shape ?? here.values;
      if (next) walk(next, inner);
    }
  };
  walk(shape, data);
  return traces;
}

/** Data with the personal fields of one person blank, also those that stand in no object of anybody's. */
export function withoutPerson(shape: Shape, data: unknown, person: Person): unknown {
  return withoutPersonal(shape, data, (object) => {
    if (identitiesOf(object).length === 0) return true;
    return isTheirs(object, person) || Object.values(object).some((value) => isEmailOf(value, person));
  });
}

function isTheirs(object: JsonObject, { ids }: Person): boolean {
  return identitiesOf(object).some((id) => ids.has(id));
}

function identitiesOf(object: JsonObject): string[] {
  return IDENTITIES.map((key) => object[key]).filter((id) => typeof id === 'string');
}

function emailsIn(shape: Shape, object: JsonObject): string[] {
  return Object.entries(object).flatMap(([key, value]) =>
    shape.keys.get(key)?.pii === true && typeof value === 'string' ? [value.toLowerCase()] : [],
  );
}

function isEmailOf(value: unknown, { emails }: Person): boolean {
  return typeof value === 'string' && emails.has(value.toLowerCase());
}
