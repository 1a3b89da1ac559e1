import catalog from '../generated/catalog.json' with { type: 'json' };
import { createApp } from './app.ts';
import type { PublishedCatalog } from './published-catalog.ts';

/** The app that is pushed to Zapier: made from the catalog that `generate.ts` wrote. */
export default createApp(catalog as unknown as PublishedCatalog);
