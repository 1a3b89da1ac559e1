/**
 * Writes generated/catalog.json, which the app is made from: the document that a server serves at /webhook-events.json.
 *
 *     node connector/zapier/generate.ts                 from events.json
 *     node connector/zapier/generate.ts my-events.json  from another catalog
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CatalogError } from '../../server/catalog/catalog-error.ts';
import { loadCatalog } from '../../server/catalog/load.ts';
import type { PublishedCatalog } from '../../server/catalog/types.ts';

const given = process.argv[2];
// npm runs a workspace's scripts in its folder, and says in INIT_CWD where the user is.
const path = given ? resolve(process.env.INIT_CWD ?? '.', given) : join(import.meta.dirname, '../../events.json');
const target = join(import.meta.dirname, 'generated/catalog.json');
try {
  writeFileSync(target, text(loadCatalog(path).document));
} catch (error) {
  if (!(error instanceof CatalogError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** The document with one event type a line: a diff names what changed, at half the size of indented JSON. */
function text({ events, ...rest }: PublishedCatalog): string {
  const members = Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const lines = events.map((eventType) => JSON.stringify(eventType));
  return `{\n${[...members, `"events": [\n${lines.join(',\n')}\n]`].join(',\n')}\n}\n`;
}
