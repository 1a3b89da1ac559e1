import type { Catalog } from './catalog/types.ts';
import { bodyIn } from './delivery/dialect/body-in.ts';
import { dialects } from './delivery/dialect/dialects.ts';
import { commitSettlements } from './delivery/settle.ts';
import { BACKLOG_PAGE, backlogPage } from './endpoint/backlog-page.ts';
import { type CommitEventsParts, commitEvents } from './publish/commit-events.ts';
import { COMMIT, commitProcedure } from './publish/group-commit.ts';
import { type Tell, tellBy } from './publish/operational-events.ts';
import { REPLAY_PAGE, replayPage } from './publish/replay-page.ts';
import type { Procedures } from './storage/database.ts';
import { pruningProcedures } from './storage/pruning.ts';

/** Kinds of work that are committed in groups, by the names under which they are registered. */
export const EVENTS = 'events';
export const SETTLEMENTS = 'settlements';

/** What committing events needs, over a catalog. */
function partsOf(catalog: Catalog): CommitEventsParts {
  return {
    catalog,
    shapeBody: (form, text, type) => bodyIn(catalog, dialects, form, text, type),
  };
}

/** Commits operational events in transactions that somebody else has begun. */
export function operationalEvents(catalog: Catalog): Tell {
  return tellBy(catalog, commitEvents(partsOf(catalog)));
}

/**
 * What the store runs whole: the group commit of published events and settled attempts, pages of what is long, and the steps
 * of retention.
 */
export function commitProcedures(catalog: Catalog): Procedures {
  const parts = partsOf(catalog);
  const settlements = commitSettlements({ catalog, tell: operationalEvents(catalog) });
  return {
    [COMMIT]: commitProcedure({ [EVENTS]: commitEvents(parts), [SETTLEMENTS]: settlements }),
    [REPLAY_PAGE]: replayPage(parts),
    [BACKLOG_PAGE]: backlogPage,
    ...pruningProcedures,
  };
}
