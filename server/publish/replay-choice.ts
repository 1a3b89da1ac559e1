import { coversIn } from '../catalog/dialect-names.ts';
import type { Catalog } from '../catalog/types.ts';
import type { ReplayRow, ReplayStatus } from '../model.ts';
import type { EndpointView } from '../storage/endpoints.ts';
import type { PastDeliveries, PastDelivery, PastEvent } from '../storage/replay-page.ts';
import { isBarred, passes } from './fan-out.ts';

/** Why a past event is sent again. */
export interface Reason {
  /** The endpoint would get it today, and it never arrived. */
  isMissed: boolean;
  /** The newest delivery of the event to the endpoint, if there was one: its dialect is kept. */
  original: PastDelivery | undefined;
  /** A delivery of it waits for its next attempt, and becomes due instead of a new one being made. */
  isWaiting: boolean;
}

/** Decides which past events a replay sends, from their deliveries to its endpoint. */
export interface ReplayChoice {
  /** Whether its type is one that the replay is about. */
  concerns(event: PastEvent): boolean;
  /** Why it is to be sent as far as its deliveries tell; undefined when it is not. */
  reasonFor(event: PastEvent, had: PastDeliveries): Reason | undefined;
  /** Whether the endpoint's filters let through what is missed; anything else went to it before. */
  letsThrough(event: PastEvent, reason: Reason, text: string): boolean;
}

/**
 * What a replay chooses. An event with a delivery under way is left alone, since that will arrive; one whose retry is
 * scheduled is chosen where `failed` is asked for. Otherwise the newest delivery's status counts, so that what was sent again
 * meanwhile is not sent once more; and `missed` is what the endpoint would get today and was never delivered to it.
 */
export function replayChoice(catalog: Catalog, replay: ReplayRow, endpoint: EndpointView): ReplayChoice {
  const statuses = new Set(JSON.parse(replay.statuses) as ReplayStatus[]);
  const narrowing = JSON.parse(replay.events ?? 'null') as string[] | null;
  const isNarrowed = remember((type) => narrowing === null || coversIn(catalog, endpoint.dialect, narrowing, type));
  const subscribed = JSON.parse(endpoint.events) as string[];
  const isSubscribed = remember((name) => {
    const type = catalog.types.get(name);
    return coversIn(catalog, endpoint.dialect, subscribed, name) && !(type && isBarred(endpoint, type));
  });

  function isMissed(event: PastEvent, had: PastDeliveries): boolean {
    const isOfProject = endpoint.project_id === null || endpoint.project_id === event.project_id;
    return isOfProject && isSubscribed(event.type) && !had.isDelivered;
  }

  return {
    concerns: (event) => isNarrowed(event.type),
    reasonFor(event, had) {
      const { newest: original, waiting } = had;
      if (waiting !== undefined) {
        const isChosen = waiting.status === 'failed' && statuses.has('failed');
        return isChosen ? { isMissed: false, original: waiting, isWaiting: true } : undefined;
      }
      if (original !== undefined && statuses.has(original.status as ReplayStatus))
        return { isMissed: false, original, isWaiting: false };
      const isChosen = statuses.has('missed') && isMissed(event, had);
      return isChosen ? { isMissed: true, original, isWaiting: false } : undefined;
    },
    letsThrough(event, reason, text) {
      if (!reason.isMissed || endpoint.filters === null) return true;
      const type = catalog.types.get(event.type);
      return type !== undefined && passes(endpoint.filters, type, { text });
    },
  };
}

/** A question about an event type, answered once for each. */
function remember(ask: (type: string) => boolean): (type: string) => boolean {
  const known = new Map<string, boolean>();
  return (type) => {
    let answer = known.get(type);
    if (answer === undefined) {
      answer = ask(type);
      known.set(type, answer);
    }
    return answer;
  };
}
