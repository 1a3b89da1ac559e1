import { checkDialect } from '../../endpoint/check-dialect.ts';
import type { OperationDeps } from '../deps.ts';
import { dialectDocument } from '../dialect-document.ts';
import type { components } from '../generated/openapi.ts';
import type { Operation } from '../operation.ts';
import { type ServedDocument, servedDocument } from '../served-document.ts';

type Document = components['schemas']['CatalogDocument'];

/** GET /webhook-events.json */
export function getCatalog({ catalog, dialects, rules }: OperationDeps): Operation<'getCatalog'> {
  const canonical = servedDocument(() => catalog.document as unknown as Document);
  const ofDialects = new Map<string, ServedDocument<Document>>();
  for (const [name, dialect] of dialects)
    ofDialects.set(
      name,
      servedDocument(() => dialectDocument(catalog, dialect) as unknown as Document),
    );
  return async ({ headers, query: { dialect } }) => {
    if (dialect === undefined) return canonical.reply(headers);
    checkDialect(rules, dialect);
    return (ofDialects.get(dialect) ?? canonical).reply(headers);
  };
}
