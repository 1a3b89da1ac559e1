import { type Clock, systemClock } from '../../server/clock.ts';
import { beginReplay, type ReplayWish } from '../../server/delivery/begin-replay.ts';
import { Replayer } from '../../server/delivery/replayer.ts';
import type { DeliveryRow, ReplayRow } from '../../server/model.ts';
import { createLog } from '../../server/observe/log.ts';
import type { LaneSignals } from '../../server/publish/publisher.ts';
import { readReplay } from '../../server/storage/replays.ts';
import { type Engine, TEAM } from '../support/engine.ts';
import { until } from '../support/until.ts';

/** Replays over an engine, as a process has them. */
export interface Replays {
  /** Asks for a replay; for everything missed ever, unless told otherwise. */
  begin(endpointId: string, wish?: Partial<ReplayWish>): Promise<ReplayRow>;
  read(row: ReplayRow): Promise<ReplayRow>;
  /** Resolves with the replay when it is over. */
  over(row: ReplayRow): Promise<ReplayRow>;
  /** The deliveries that a replay has made, oldest first. */
  made(row: ReplayRow): Promise<DeliveryRow[]>;
  /** A replayer as a process has one; the caller starts and stops it. */
  replayer(signals?: LaneSignals): Replayer;
}

export function replaysOf(engine: Engine, clock: Clock = systemClock): Replays {
  const { db, catalog } = engine;
  const read = async (row: ReplayRow): Promise<ReplayRow> => {
    const found = await readReplay(db, row.team_id, row.endpoint_id, row.id);
    if (found === undefined) throw new Error(`there is no replay ${row.id}`);
    return found;
  };
  return {
    begin(endpointId, wish = {}) {
      const whole: ReplayWish = {
        teamId: TEAM,
        endpointId,
        since: 0,
        until: undefined,
        events: undefined,
        statuses: ['missed'],
        ...wish,
      };
      return db.transaction((tx) => beginReplay(tx, catalog, whole, clock.now()));
    },
    read,
    async over(row) {
      await until(async () => (await read(row)).state !== 'running', 'the replay to end', 60_000);
      return read(row);
    },
    made: (row) => db.all<DeliveryRow>('select * from delivery where replay_id = ?1 order by id', [row.id]),
    replayer: (signals = engine.worker) =>
      new Replayer({ db, clock, log: createLog(process.env.TEST_LOG ?? 'silent'), signals }),
  };
}
