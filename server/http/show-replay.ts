import type { ReplayRow } from '../model.ts';
import type { Statements } from '../storage/database.ts';
import { countDeliveries } from '../storage/replays.ts';
import type { components } from './generated/openapi.ts';
import { isoTime, isoTimeOrNull } from './iso-time.ts';

type Replay = components['schemas']['Replay'];

/** A replay as the API shows it, its deliveries counted as they are now. */
export async function showReplay(db: Statements, row: ReplayRow): Promise<Replay> {
  const counts = await countDeliveries(db, row.team_id, row.id);
  return {
    id: row.id,
    endpoint_id: row.endpoint_id,
    state: row.state,
    since: isoTime(row.since),
    until: isoTime(Math.min(row.until, row.created_at)),
    events: JSON.parse(row.events ?? 'null') as string[] | null,
    statuses: JSON.parse(row.statuses) as Replay['statuses'],
    progress: progressOf(row),
    matched: row.matched,
    created: row.created,
    deliveries: {
      pending: counts.get('pending') ?? 0,
      failed: counts.get('failed') ?? 0,
      held: counts.get('held') ?? 0,
      delivered: counts.get('delivered') ?? 0,
      dead: counts.get('dead') ?? 0,
      cancelled: counts.get('cancelled') ?? 0,
    },
    created_at: isoTime(row.created_at),
    finished_at: isoTimeOrNull(row.finished_at),
  };
}

/** The share of the events that have been looked at. */
function progressOf({ state, first_seq: first, next_seq: next, last_seq: last }: ReplayRow): number {
  if (state === 'done') return 1;
  return last < first ? 0 : (next - first) / (last - first + 1);
}
