import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import type { Operation } from '../operation.ts';
import { servedDocument } from '../served-document.ts';

/** GET /webhook-events.json */
export function getCatalog({ catalog }: OperationDeps): Operation<'getCatalog'> {
  const document = servedDocument(() => catalog.document as unknown as components['schemas']['CatalogDocument']);
  return ({ headers }) => document.reply(headers);
}
