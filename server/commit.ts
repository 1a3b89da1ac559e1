import type { Catalog, Envelope } from './catalog/types.ts';
import { dialects } from './delivery/dialect/dialects.ts';
import { commitSettlements } from './delivery/settle.ts';
import { commitEvents } from './publish/commit-events.ts';
import { COMMIT, commitProcedure } from './publish/group-commit.ts';
import type { Procedures } from './storage/database.ts';
import { pruningProcedures } from './storage/pruning.ts';

/** Kinds of work that are committed in groups, by the names under which they are registered. */
export const EVENTS = 'events';
export const SETTLEMENTS = 'settlements';

/** What the store runs whole: the group commit of published events and settled attempts, and the steps of retention. */
export function commitProcedures(catalog: Catalog): Procedures {
  const events = commitEvents({
    catalog,
    shapeBody(dialect, text, type) {
      const shape = dialects.get(dialect)?.body;
      return shape === undefined ? null : shape(JSON.parse(text) as Envelope, type);
    },
  });
  return { [COMMIT]: commitProcedure({ [EVENTS]: events, [SETTLEMENTS]: commitSettlements }), ...pruningProcedures };
}
