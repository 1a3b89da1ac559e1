import { CatalogError, faultLine } from './catalog-error.ts';
import { loadCatalog } from './load.ts';

// npm run catalog:lint [path]: every fault of a catalog, one a line, and exit 1; or one line that sums it up.
const path = process.argv[2] ?? process.env.HOOKLOOM_CATALOG ?? 'events.json';
try {
  const { counts, families } = loadCatalog(path).document;
  const { core, extended, system, reserved } = counts;
  console.log(
    `${path}: ${core} core and ${extended} extended event types (${reserved} reserved) and ${system} built in, ` +
      `in ${Object.keys(families).length} families: no faults`,
  );
} catch (error) {
  if (!(error instanceof CatalogError)) throw error;
  for (const fault of error.faults) console.error(faultLine(fault));
  console.error(`${error.faults.length} ${error.faults.length === 1 ? 'fault' : 'faults'} in ${path}`);
  process.exitCode = 1;
}
