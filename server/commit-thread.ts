/** SQLite's writing thread as the server uses it: with the group commit beside the connection, over the same catalog. */
import { isMainThread, workerData } from 'node:worker_threads';
import { assembleCatalog } from './catalog/make-catalog.ts';
import type { CatalogDocument } from './catalog/types.ts';
import { commitProcedures } from './commit.ts';
import { serveSqlite } from './storage/sqlite-thread.ts';

// On the main thread it is only compiled.
if (!isMainThread) {
  const { catalog } = workerData as { catalog: CatalogDocument };
  serveSqlite(commitProcedures(assembleCatalog(catalog)));
}
