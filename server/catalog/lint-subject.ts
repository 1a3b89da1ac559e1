import { type DataValidators, dataValidators } from './data-validators.ts';
import type { Findings } from './findings.ts';
import { reachableDefinitions } from './self-contained.ts';
import type { CatalogDocument, EventTypeEntry, JsonSchema } from './types.ts';

/** What the checks look at: the parts of the document whose form is sound, each at its JSON pointer. */
export interface Subject {
  readonly document: CatalogDocument;
  /** Entries that are objects, wherever else they are at fault. */
  readonly entries: readonly { readonly entry: EventTypeEntry; readonly at: string; readonly index: number }[];
  readonly $defs: Record<string, JsonSchema>;
  readonly validators: DataValidators;
  /** The built-in document that this one is merged with; null when it is the built-in one itself. */
  readonly builtIn: CatalogDocument | null;
}

/** Whether an event type's schema is sound, the definitions that it uses included. */
export function schemaIsSound(
  { $defs }: Subject,
  { entry, at }: Subject['entries'][number],
  findings: Findings,
): boolean {
  const used = reachableDefinitions(entry.schema, $defs);
  return findings.sound(`${at}/schema`) && used.every((name) => findings.sound(`/$defs/${name}`));
}

/** The subject of the checks that follow that of the document's form. */
export function subjectOf(document: CatalogDocument, findings: Findings, builtIn: CatalogDocument | null): Subject {
  const $defs: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(document.$defs ?? {})) {
    if (findings.sound(`/$defs/${name}`)) $defs[name] = schema;
  }
  const entries: Subject['entries'][number][] = [];
  const list = Array.isArray(document.events) ? document.events : [];
  list.forEach((entry, index) => {
    const at = `/events/${index}`;
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) entries.push({ entry, at, index });
  });
  const schemas = list.map((entry, index) => (findings.sound(`/events/${index}/schema`) ? entry.schema : undefined));
  return { document, entries, $defs, validators: dataValidators($defs, schemas), builtIn };
}
