import type { Catalog } from '../../catalog/types.ts';
import { createToken as create } from '../../token/create.ts';
import type { OperationDeps } from '../deps.ts';
import { carryOut } from '../once.ts';
import type { Operation } from '../operation.ts';
import { showToken } from '../show-token.ts';

/** POST /v1/tokens */
export function createToken(deps: OperationDeps): Operation<'createToken'> {
  return (request) =>
    carryOut<'createToken'>(deps, request, async (tx, now) => {
      const { row, text } = await create(tx, request.caller, abilitiesOf(deps.catalog), request.body, now);
      return {
        reply: { status: 201, body: { data: showToken(row), token: text } },
        resourceId: row.id,
        isSecret: true,
        audit: { action: 'token.created', target: row.id, changes: request.body },
      };
    });
}

/** What families of the catalog want of a token. */
function abilitiesOf(catalog: Catalog): Set<string> {
  return new Set([...catalog.types.values()].map((type) => type.requiredAbility).filter((one) => one !== null));
}
