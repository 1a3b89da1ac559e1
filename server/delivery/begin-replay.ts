import type { Catalog } from '../catalog/types.ts';
import { checkEvents } from '../endpoint/check-events.ts';
import { endpointNotFound } from '../endpoint/endpoint-not-found.ts';
import { newId } from '../id.ts';
import type { ReplayRow, ReplayStatus } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Statements } from '../storage/database.ts';
import { readEndpoint } from '../storage/endpoints.ts';
import { readEventFrom, readLastSeq } from '../storage/replay-page.ts';
import { insertReplayRow } from '../storage/replays.ts';

/** What to send again. Times are epoch milliseconds. */
export interface ReplayWish {
  teamId: string;
  endpointId: string;
  since: number;
  /** The time of the request when left out, or later than that. */
  until: number | undefined;
  /** Patterns that narrow the events. */
  events: readonly string[] | undefined;
  statuses: readonly ReplayStatus[];
}

/** Clocks of processes differ, and events are committed later than accepted: the walk begins this long before, and ends after. */
const SLACK_MS = 10 * 60_000;

/**
 * Adds a replay, which a replayer then carries out.
 * @throws Problem 404 `endpoint_not_found`, 422 `validation_failed` when no time lies between `since` and `until`, 422
 *   `event_type_unknown` and its like for patterns.
 */
export async function beginReplay(tx: Statements, catalog: Catalog, wish: ReplayWish, now: number): Promise<ReplayRow> {
  const { teamId, endpointId, since, until } = wish;
  const endpoint = await readEndpoint(tx, teamId, endpointId);
  if (endpoint === undefined) throw endpointNotFound(endpointId);
  const events = wish.events && checkEvents(catalog, wish.events, endpoint.dialect).names;
  if (until !== undefined && since >= until) throw sinceRefused('must be earlier than until');
  if (since > now) throw sinceRefused('must lie in the past');
  const lastSeq = await readLastSeq(tx, teamId);
  // What is committed from now on goes to the endpoint anyway, so it is the number that ends it, whatever clocks say.
  const isOpenEnded = until === undefined || until > now;
  const firstSeq = await findSeq(tx, teamId, since - SLACK_MS, lastSeq);
  const row: ReplayRow = {
    team_id: teamId,
    id: newId('rpl'),
    endpoint_id: endpointId,
    since,
    until: isOpenEnded ? now + SLACK_MS : until,
    events: events === undefined ? null : JSON.stringify(events),
    statuses: JSON.stringify([...new Set(wish.statuses)]),
    state: 'running',
    first_seq: firstSeq,
    next_seq: firstSeq,
    last_seq: isOpenEnded ? lastSeq : (await findSeq(tx, teamId, until + SLACK_MS, lastSeq)) - 1,
    matched: 0,
    created: 0,
    page: 0,
    backlog: 0,
    created_at: now,
    updated_at: now,
    finished_at: null,
  };
  await insertReplayRow(tx, row);
  return row;
}

/**
 * The number of a team's first event accepted at `at` or later, one past `lastSeq` when there is none, found by halving: there
 * is no index by time, which every publish would have to pay for. Exact as far as times rise with numbers.
 */
async function findSeq(tx: Statements, teamId: string, at: number, lastSeq: number): Promise<number> {
  let low = 1;
  let high = lastSeq + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const event = await readEventFrom(tx, teamId, middle);
    if (event === undefined || event.accepted_at >= at) high = middle;
    else low = event.seq + 1;
  }
  return low;
}

function sinceRefused(message: string): Problem {
  return new Problem(422, 'validation_failed', `There is nothing to replay: since ${message}.`, {
    errors: [{ pointer: '/since', message }],
  });
}
