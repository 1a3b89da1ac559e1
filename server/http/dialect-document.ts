import { createHash } from 'node:crypto';
import { nameIn } from '../catalog/dialect-names.ts';
import type { Catalog, PublishedCatalog, PublishedEventType } from '../catalog/types.ts';
import type { Dialect } from '../delivery/dialect/dialect.ts';

/** The published document of what a dialect offers: under its names, with samples as it sends them. */
export function dialectDocument(
  catalog: Catalog,
  dialect: Dialect,
): Omit<PublishedCatalog, 'events'> & { events: object[] } {
  const events = catalog.document.events.flatMap((published) => {
    const type = catalog.types.get(published.name);
    const name = type && nameIn(catalog, dialect.name, type);
    if (type === undefined || name === undefined) return [];
    const shape = dialect.body;
    const samples =
      shape === undefined
        ? published.samples
        : type.samples.map((sample) => JSON.parse(shape(sample, type, name)) as object);
    return [{ ...published, name, key: name.replaceAll('.', '_'), canonical: type.name, samples }];
  });
  const { hash: _, ...content } = { ...catalog.document, counts: countsOf(events), events };
  return { ...content, hash: createHash('sha256').update(JSON.stringify(content)).digest('hex') };
}

function countsOf(events: readonly Pick<PublishedEventType, 'set' | 'status'>[]): PublishedCatalog['counts'] {
  const count = (set: PublishedEventType['set']): number => events.filter((event) => event.set === set).length;
  return {
    core: count('core'),
    extended: count('extended'),
    system: count('system'),
    reserved: events.filter(({ status }) => status === 'reserved').length,
    total: events.length,
  };
}
