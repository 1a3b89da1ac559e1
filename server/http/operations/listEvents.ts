import { listEventRows } from '../../storage/events-read.ts';
import { pageOf, seqBefore } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import { parameterInvalid } from '../faults.ts';
import type { components } from '../generated/openapi.ts';
import type { Json, Operation } from '../operation.ts';
import { envelopeFor } from '../personal.ts';
import { readFeedPage } from '../read-feed-page.ts';
import { scopeOf } from '../rights.ts';

/** GET /v1/webhook-events */
export function listEvents(deps: OperationDeps): Operation<'listEvents'> {
  return async ({ query, caller, signal }) => {
    const show = (envelope: string) => envelopeFor(deps.catalog, caller, envelope);
    const scope = scopeOf(deps.catalog, caller);
    const { type, project_id: projectId, is_test: isTest = false, limit } = query;
    if (query.after !== undefined) {
      if (query.cursor !== undefined)
        throw parameterInvalid('cursor', 'is of the list, "after" of the feed: send one of them');
      const wanted = { type, projectId, isTest, scope, limit };
      return page(
        show,
        await readFeedPage(deps, caller.teamId, wanted, {
          after: query.after,
          wait: query.wait ?? 0,
          signal: signal(),
        }),
      );
    }
    if (query.wait !== undefined) throw parameterInvalid('wait', 'needs "after": only the feed waits for events');
    const beforeSeq = seqBefore('events', query.cursor);
    const found = await listEventRows(deps.db, caller.teamId, {
      type,
      projectId,
      isTest,
      scope,
      beforeSeq,
      limit: limit + 1,
    });
    return page(
      show,
      pageOf('events', found, limit, (row) => row.seq),
    );
  };
}

/** Envelopes are stored as text, and go out as they went to the endpoints. */
function page(
  show: (envelope: string) => string,
  { rows, next_cursor }: { rows: { envelope: string }[]; next_cursor: string | null },
) {
  const text = `{"data":[${rows.map((row) => show(row.envelope)).join(',')}],"next_cursor":${JSON.stringify(next_cursor)}}`;
  return { status: 200 as const, body: text as Json<components['schemas']['EventList']> };
}
