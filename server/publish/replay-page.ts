import type { Catalog } from '../catalog/types.ts';
import type { ReplayRow } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import { makeDueNow } from '../storage/deliveries-retry.ts';
import { type EndpointView, readEndpoint } from '../storage/endpoints.ts';
import { holdEvents } from '../storage/events-hold.ts';
import { armLane, holdLanes } from '../storage/publishing.ts';
import { readDeliveriesOf, readPastEvents, readTexts } from '../storage/replay-page.ts';
import { advanceReplay, takeReplay } from '../storage/replays.ts';
import type { CommitEventsParts } from './commit-events.ts';
import { replayChoice } from './replay-choice.ts';
import { makeReplayDeliveries, type PastSending } from './replay-deliveries.ts';

/** Events looked at in one transaction, however few of them are sent: reading them must not hold up other commits. */
const SPAN = 1000;

/** Asks for the next page of a replay. Plain data: on SQLite it travels to the writing thread. */
export interface PageRequest {
  teamId: string;
  endpointId: string;
  replayId: string;
  /** Where the replay stood when its pace was set: if it has moved, another process has made the page. */
  nextSeq: number;
  /** Deliveries to make. */
  size: number;
  /** Deliveries that may wait in the lane, kept for the pace of the next page. */
  ahead: number;
  /** Deliveries of the lane that are due already. */
  due: number;
  /** Epoch milliseconds. */
  now: number;
}

/**
 * What came of it. `moved`: another process has it, or it is over. `waits`: the endpoint is paused or disabled.
 * `made`: `count` deliveries became due.
 */
export type PageResult = { kind: 'moved' | 'waits' } | { kind: 'made'; count: number; isOver: boolean };

/** The name under which a store knows the procedure below. */
export const REPLAY_PAGE = 'replay-page';

/**
 * Makes a page of a replay in one transaction: its deliveries, the lane armed, and how far it has come, so that a crash costs
 * the page under way and nothing is made twice. The lane is held, so that the endpoint is not paused or removed meanwhile;
 * locks are taken in the order lane, replay, deliveries.
 */
export function replayPage(parts: CommitEventsParts) {
  return async (tx: Statements, request: PageRequest): Promise<PageResult> => {
    const { teamId, endpointId, size, ahead, due, now } = request;
    const lane = (await holdLanes(tx, teamId, [endpointId])).get(endpointId);
    const replay = await takeReplay(tx, teamId, request.replayId, request.nextSeq);
    if (replay === undefined) return { kind: 'moved' };
    const endpoint = lane === undefined ? undefined : await readEndpoint(tx, teamId, endpointId);
    if (endpoint === undefined) {
      await advanceReplay(tx, { ...replay, state: 'cancelled', updated_at: now, finished_at: now });
      return { kind: 'moved' };
    }
    if (lane?.is_open !== 1) return { kind: 'waits' };

    const { chosen, nextSeq } = await choose(tx, parts.catalog, replay, endpoint, size);
    const fresh = chosen.filter(({ reason }) => !reason.isWaiting);
    await makeReplayDeliveries(tx, parts, replay, endpoint, fresh, now);
    for (const { reason } of chosen)
      if (reason.isWaiting && reason.original !== undefined) await makeDueNow(tx, teamId, reason.original.id, now);
    // Last, because who settles takes deliveries first and writes to the lane after that.
    if (chosen.length > 0) await armLane(tx, teamId, endpointId, now);

    const isOver = nextSeq > replay.last_seq;
    await advanceReplay(tx, {
      ...replay,
      state: isOver ? 'done' : 'running',
      next_seq: nextSeq,
      matched: replay.matched + chosen.length,
      created: replay.created + fresh.length,
      // A page without deliveries says nothing of the pace.
      ...(chosen.length > 0 ? { page: ahead, backlog: due + chosen.length, updated_at: now } : {}),
      finished_at: isOver ? now : null,
    });
    return { kind: 'made', count: chosen.length, isOver };
  };
}

/** Walks on until `size` events are chosen or the span ends; `nextSeq` is the number of the first event not looked at. */
async function choose(
  tx: Statements,
  catalog: Catalog,
  replay: ReplayRow,
  endpoint: EndpointView,
  size: number,
): Promise<{ chosen: PastSending[]; nextSeq: number }> {
  const { team_id: teamId, endpoint_id: endpointId, since, until } = replay;
  const end = Math.min(replay.last_seq, replay.next_seq + SPAN - 1);
  const choice = replayChoice(catalog, replay, endpoint);
  const chosen: PastSending[] = [];
  let first = replay.next_seq;
  // Wider steps when the first ones have had little to send.
  for (let width = size; first <= end; width *= 2) {
    const last = Math.min(end, first + width - 1);
    const events = (await readPastEvents(tx, teamId, { first, last, since, until })).filter(choice.concerns);
    const ids = events.map(({ id }) => id);
    const deliveries = await readDeliveriesOf(tx, teamId, endpointId, ids);
    const candidates = events.flatMap((event) => {
      const had = deliveries.get(event.id);
      const reason = had && choice.reasonFor(event, had);
      return reason === undefined ? [] : [{ event, reason }];
    });
    const wanted = candidates.map(({ event }) => event);
    // Against retention, which would take the payload of what is being chosen here.
    await holdEvents(
      tx,
      teamId,
      wanted.map(({ id }) => id),
    );
    const texts = await readTexts(tx, teamId, wanted);
    for (const { event, reason } of candidates) {
      const text = texts.get(event.id);
      // What retention has taken cannot be sent any more.
      if (!text || !choice.letsThrough(event, reason, text)) continue;
      chosen.push({ event, reason, text });
      if (chosen.length === size) return { chosen, nextSeq: event.seq + 1 };
    }
    first = last + 1;
  }
  return { chosen, nextSeq: first };
}
