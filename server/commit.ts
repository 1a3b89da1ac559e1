import type { Catalog, Envelope } from './catalog/types.ts';
import { dialects } from './delivery/dialect/dialects.ts';
import { commitSettlements } from './delivery/settle.ts';
import { type CommitEventsParts, commitEvents } from './publish/commit-events.ts';
import { COMMIT, commitProcedure } from './publish/group-commit.ts';
import { REPLAY_PAGE, replayPage } from './publish/replay-page.ts';
import type { Procedures } from './storage/database.ts';

/** Kinds of work that are committed in groups, by the names under which they are registered. */
export const EVENTS = 'events';
export const SETTLEMENTS = 'settlements';

/** What the store runs whole: the group commit of published events and settled attempts, and a page of a replay. */
export function commitProcedures(catalog: Catalog): Procedures {
  const parts: CommitEventsParts = {
    catalog,
    shapeBody(dialect, text, type) {
      const shape = dialects.get(dialect)?.body;
      return shape === undefined ? null : shape(JSON.parse(text) as Envelope, type);
    },
  };
  return {
    [COMMIT]: commitProcedure({ [EVENTS]: commitEvents(parts), [SETTLEMENTS]: commitSettlements }),
    [REPLAY_PAGE]: replayPage(parts),
  };
}
