import { createHash } from 'node:crypto';
import { envelopeSchema } from './envelope-schema.ts';
import { renamesWithin } from './rename.ts';
import { shapeOf } from './shape.ts';
import { summaryOf } from './summary.ts';
import type {
  CatalogDocument,
  Dialect,
  EventSet,
  EventType,
  JsonSchema,
  PublishedCatalog,
  PublishedEventType,
} from './types.ts';
import { unmarked } from './unmarked.ts';

type Source = Omit<CatalogDocument, 'events' | 'dialects'> & {
  dialects: Record<string, Dialect>;
};

/** The published document for a catalog and its loaded event types. The same input gives the same bytes. */
export function publishDocument(source: Source, types: readonly EventType[]): PublishedCatalog {
  const count = (set: EventSet, family?: string): number =>
    types.filter((type) => type.set === set && (family === undefined || type.family === family)).length;
  const counts = (family?: string) => ({
    core: count('core', family),
    extended: count('extended', family),
    system: count('system', family),
  });
  const families: PublishedCatalog['families'] = {};
  for (const [name, { counts: _, ...family }] of Object.entries(source.families)) {
    families[name] = { ...family, counts: counts(name) };
  }
  const content = {
    product: source.product,
    dialects: source.dialects,
    families,
    counts: {
      ...counts(),
      reserved: types.filter((type) => type.status === 'reserved').length,
      total: types.length,
    },
    envelope: envelopeSchema,
    $defs: Object.fromEntries(Object.entries(source.$defs).map(([name, schema]) => [name, unmarked(schema)])),
    events: types.map((type) => publishedEventType(type, source)),
  };
  const hash = createHash('sha256')
    .update(JSON.stringify({ api_version: source.api_version, ...content }))
    .digest('hex');
  return { api_version: source.api_version, hash, ...content };
}

function publishedEventType(type: EventType, source: Source): PublishedEventType {
  const shape = shapeOf(type.schema, (type.schema.$defs ?? {}) as Record<string, JsonSchema>, new Map());
  const renames: Record<string, Record<string, string>> = {};
  for (const [dialect, { renames: words }] of Object.entries(source.dialects)) {
    renames[dialect] = renamesWithin(shape, words);
  }
  const { links, ...summary } = summaryOf(type);
  return {
    ...summary,
    aliases: type.aliases,
    renames,
    pii: [...type.pii],
    schema: type.schema,
    samples: type.samples,
    links,
  };
}
