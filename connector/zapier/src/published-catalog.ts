/** A JSON Schema (2020-12) in its object form. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** An event as it is delivered, in the canonical form. */
export interface Envelope {
  id: string;
  type: string;
  created_at: string;
  api_version: string;
  project_id: string | null;
  data: unknown;
}

/** What this app reads of an event type in the published catalog. */
export interface PublishedEventType {
  readonly name: string;
  /** The name with dots as underscores: the trigger's key, permanent once the app is public. */
  readonly key: string;
  readonly has_trigger: boolean;
  readonly label: string;
  readonly noun: string;
  /** A clause that completes "Triggers when ...". */
  readonly fires_when: string;
  readonly scope: 'project' | 'team';
  /** Filter name to JSON pointer into `data`. */
  readonly filters: Readonly<Record<string, string>>;
  /** Schema of `data`, self-contained: its references point into its own `$defs`. */
  readonly schema: JsonSchema;
  readonly samples: readonly Envelope[];
}

/**
 * What this app reads of the document that a Hookloom server serves at /webhook-events.json. Declared here and not
 * imported from the server, so that the app depends on nothing but the public document.
 */
export interface PublishedCatalog {
  readonly product: { readonly name: string };
  /** Schema of the envelope around every event's data. */
  readonly envelope: JsonSchema;
  readonly events: readonly PublishedEventType[];
}
