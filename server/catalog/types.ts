import type { FieldFault } from '../problem.ts';

/** A JSON Schema (2020-12) in its object form. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export type EventSet = 'core' | 'extended' | 'system';
export type EventStatus = 'active' | 'reserved';
export type EventScope = 'project' | 'team';

/** What a vendor calls an event type. `close`: alike, with the difference said in `note`. */
export interface Alias {
  name: string;
  match: 'exact' | 'close';
  note?: string;
}

/** A vendor's words: `renames` maps our keys to the vendor's, at any depth of `data`. */
export interface Dialect {
  label: string;
  renames: Record<string, string>;
}

export interface Family {
  label: string;
  description: string;
  /** What a token needs beside the usual to read and be sent these events; no ability more when left out. */
  required_ability?: string;
  /** How many event types the family has in each set; an absent set counts as 0. */
  counts: Partial<Record<EventSet, number>>;
}

/** A sample as it stands in the file: an envelope without what the document knows (type, api_version). */
export interface SampleEntry {
  id: string;
  created_at: string;
  project_id: string | null;
  data: Record<string, unknown>;
}

/** An event type as it stands in events.json. */
export interface EventTypeEntry {
  name: string;
  family: string;
  set: EventSet;
  status: EventStatus;
  label: string;
  noun: string;
  /** A clause that completes "Triggers when ...". */
  fires_when: string;
  notes: string[];
  scope: EventScope;
  introduced_in: string;
  /** Field name to JSON pointer into `data`. */
  filters: Record<string, string>;
  aliases?: Record<string, Alias[]>;
  /** Schema of `data`; its `$ref`s point into the document's `$defs`. */
  schema: JsonSchema;
  samples: SampleEntry[];
}

/** events.json, described by events.schema.json. */
export interface CatalogDocument {
  api_version: string;
  product: { name: string; description: string };
  dialects?: Record<string, Dialect>;
  families: Record<string, Family>;
  $defs: Record<string, JsonSchema>;
  events: EventTypeEntry[];
}

/** An event as it is delivered in the canonical form. The order of the keys is part of the form. */
export interface Envelope {
  id: string;
  type: string;
  /** ISO 8601 with Z. */
  created_at: string;
  api_version: string;
  project_id: string | null;
  data: unknown;
}

/** Whose personal fields are meant: every id of theirs that is known, and every email address, in lower case. */
export interface Person {
  ids: ReadonlySet<string>;
  emails: ReadonlySet<string>;
}

/** What data says of a person: whether it is about them, and other ids of theirs. */
export interface Traces {
  isAbout: boolean;
  ids: string[];
}

/** An event type of the loaded catalog. */
export interface EventType extends Readonly<Omit<EventTypeEntry, 'samples' | 'aliases'>> {
  readonly aliases: Readonly<Record<string, Alias[]>>;
  /** Schema of `data`, self-contained: it carries the `$defs` that it refers to. */
  readonly schema: JsonSchema;
  /** Whole envelopes, in the live shape. */
  readonly samples: readonly Envelope[];
  /** What a token needs to read and be sent it, beside the usual; null where that is nothing. */
  readonly requiredAbility: string | null;
  /** Whether a publisher may send it: active and not built in. The same types have triggers. */
  readonly publishable: boolean;
  /**
   * `data` with every absent nullable key set to null, deeply, and declared keys in the schema's order.
   * Keys that the schema does not declare are kept, last, so that `validate` reports them. Non-objects come back as they are.
   */
  fill(data: unknown): unknown;
  /** All faults of `data` against the schema (at most 200), by JSON pointer into `data`; empty when it is valid. */
  validate(data: unknown): FieldFault[];
  /**
   * Valid `data` with the vendor's words as keys. Only keys that the schema declares are renamed, never those of
   * free-form maps. Gives back the very same object when the dialect is unknown or renames nothing here.
   */
  rename(dialect: string, data: unknown): unknown;
  /** The personal fields of `data`, as JSON pointers in which `*` stands for each item of a list. */
  readonly pii: readonly string[];
  /** `data` with every personal field blank: null, or as little as its schema allows. */
  withoutPersonal(data: unknown): unknown;
  /** Whether `data` is about a person, and what other ids it has for them. */
  tracesOf(data: unknown, person: Person): Traces;
  /** `data` with the personal fields of one person blank. */
  withoutPerson(data: unknown, person: Person): unknown;
  /** The value that the filter `field` looks at, or undefined when this type has no such filter. */
  filterValue(field: string, data: unknown): unknown;
}

/** A catalog that loaded without faults, built-in event types included. */
export interface Catalog {
  /** The document that it was made from, for `assembleCatalog` in another thread. */
  readonly source: CatalogDocument;
  readonly apiVersion: string;
  readonly dialects: Readonly<Record<string, Dialect>>;
  /** By name, in the order of the file; the built-in ones last. */
  readonly types: ReadonlyMap<string, EventType>;
  /** The built-in event type that a test sends when none is chosen: the first of system.json. */
  readonly testType: EventType;
  /** The names nearest to a mistyped one, best first; built-in types are not proposed. */
  nearest(name: string, n?: number): string[];
  /** Whether `pattern` is one that an endpoint may ask for: `*`, `family.*` of a known family, or a known name. */
  accepts(pattern: string): boolean;
  /** Whether `pattern` covers the event type `type`. Wildcards never cover built-in types. */
  matches(pattern: string, type: string): boolean;
  /** Names of the event types that the patterns cover, each once, in the catalog's order. */
  expand(patterns: readonly string[]): string[];
  /** What GET /webhook-events.json serves. Made on first use. */
  readonly document: PublishedCatalog;
  /** SHA-256 (hex) of the published document's content. */
  readonly hash: string;
}

/** An event type as published. */
export interface PublishedEventType
  extends Omit<
    EventType,
    | 'requiredAbility'
    | 'fill'
    | 'validate'
    | 'rename'
    | 'filterValue'
    | 'withoutPersonal'
    | 'tracesOf'
    | 'withoutPerson'
  > {
  /** The name with dots as underscores, for platforms that allow no dots in a key. */
  readonly key: string;
  readonly has_trigger: boolean;
  /** Per dialect, the key renames that apply to this event type's data. */
  readonly renames: Record<string, Record<string, string>>;
  readonly links: { schema: string; samples: string };
}

/** What GET /webhook-events.json serves: enough to build a typed client from. */
export interface PublishedCatalog {
  api_version: string;
  /** SHA-256 (hex) of this document as compact JSON without this member. */
  hash: string;
  product: CatalogDocument['product'];
  dialects: Record<string, Dialect>;
  families: Record<string, Omit<Family, 'counts'> & { counts: Record<EventSet, number> }>;
  counts: Record<EventSet, number> & { reserved: number; total: number };
  /** Schema of the envelope around every event's data. */
  envelope: JsonSchema;
  $defs: Record<string, JsonSchema>;
  events: PublishedEventType[];
}

/** One fault of a catalog file. `event` is null for faults outside any event type. */
export interface CatalogFault {
  file: string;
  event: string | null;
  /** JSON pointer into the file. */
  pointer: string;
  message: string;
}
