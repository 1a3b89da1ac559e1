import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import type { Operation } from '../operation.ts';
import { servedDocument } from '../served-document.ts';

/** GET /openapi.json */
export function getOpenapi({ contract }: OperationDeps): Operation<'getOpenapi'> {
  const document = servedDocument(() => contract as components['schemas']['OpenapiDocument']);
  return ({ headers }) => document.reply(headers);
}
