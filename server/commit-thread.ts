/** SQLite's writing thread as the server uses it: with the group commit beside the connection, and the same catalog. */
import { workerData } from 'node:worker_threads';
import { loadCatalog } from './catalog/load.ts';
import { commitProcedures } from './commit.ts';
import { serveSqlite } from './storage/sqlite-thread.ts';

const { catalogPath } = workerData as { catalogPath: string };
serveSqlite(commitProcedures(loadCatalog(catalogPath)));
