import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalog } from '../../server/catalog/load.ts';
import type { Catalog, CatalogDocument, EventType, EventTypeEntry } from '../../server/catalog/types.ts';

export const shippedPath = fileURLToPath(new URL('../../events.json', import.meta.url));
export const parcelsPath = fileURLToPath(new URL('../fixtures/parcels.json', import.meta.url));

/** A fresh copy of a catalog file, to read or to break. */
export function copyOf(path: string): CatalogDocument {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Writes a document to a file of its own. */
export function written(document: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'catalog-')), 'events.json');
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return path;
}

/** Loads a document as if it were a file. */
export function loaded(document: unknown): Catalog {
  return loadCatalog(written(document));
}

export function entryOf(document: CatalogDocument, name: string): EventTypeEntry {
  const entry = document.events.find((one) => one.name === name);
  if (!entry) throw new Error(`no event type ${name}`);
  return entry;
}

export function typeOf(catalog: Catalog, name: string): EventType {
  const type = catalog.types.get(name);
  if (!type) throw new Error(`no event type ${name}`);
  return type;
}

/** A catalog of one event type whose data has this schema, for tests of what a schema does. */
export function catalogWith(
  properties: object,
  sample: object,
  $defs: object = {},
  dialects: object = {},
): CatalogDocument {
  return {
    api_version: '2026-05-01',
    product: { name: 'Test', description: 'One event type.' },
    dialects,
    families: { thing: { label: 'Thing', description: 'Things.', counts: { core: 1 } } },
    $defs,
    events: [
      {
        name: 'thing.changed',
        family: 'thing',
        set: 'core',
        status: 'active',
        label: 'Thing Changed',
        noun: 'Thing',
        fires_when: 'a thing changes',
        notes: [],
        scope: 'team',
        introduced_in: '2026-05-01',
        filters: {},
        schema: { type: 'object', additionalProperties: false, properties, required: Object.keys(properties) },
        samples: [{ id: 'evt_1', created_at: '2026-05-01T08:00:00Z', project_id: null, data: sample }],
      },
    ],
  } as CatalogDocument;
}

/** A field with the words that every field needs. */
export function field(schema: object): object {
  return { ...schema, title: 'Field', description: 'A field.' };
}
