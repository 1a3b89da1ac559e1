import { listEventRows } from '../../storage/events-read.ts';
import { pageOf, seqBefore } from '../cursor.ts';
import type { OperationDeps } from '../deps.ts';
import type { components } from '../generated/openapi.ts';
import type { Json, Operation } from '../operation.ts';

/** GET /v1/webhook-events */
export function listEvents({ db }: OperationDeps): Operation<'listEvents'> {
  return async ({ query, caller }) => {
    const found = await listEventRows(db, caller.teamId, {
      type: query.type,
      projectId: query.project_id,
      isTest: query.is_test ?? false,
      beforeSeq: seqBefore('events', query.cursor),
      limit: query.limit + 1,
    });
    const { rows, next_cursor } = pageOf('events', found, query.limit, (row) => row.seq);
    // Envelopes are stored as text, and go out as they went to the endpoints.
    const text = `{"data":[${rows.map((row) => row.envelope).join(',')}],"next_cursor":${JSON.stringify(next_cursor)}}`;
    return { status: 200, body: text as Json<components['schemas']['EventList']> };
  };
}
