import { loadCatalog } from '../../server/catalog/load.ts';
import type { Catalog } from '../../server/catalog/types.ts';
import { type Clock, systemClock } from '../../server/clock.ts';
import { EVENTS, operationalEvents, SETTLEMENTS } from '../../server/commit.ts';
import { BacklogChanger } from '../../server/delivery/backlog-changer.ts';
import { dialects } from '../../server/delivery/dialect/dialects.ts';
import { createPoster, type Poster } from '../../server/delivery/poster.ts';
import { retryPolicies } from '../../server/delivery/retry.ts';
import type { Settled, Settlement } from '../../server/delivery/settle.ts';
import { Worker, type WorkerParts } from '../../server/delivery/worker.ts';
import { closedEgress } from '../../server/egress/egress-settings.ts';
import { createSender, type Sender } from '../../server/egress/send.ts';
import { disableFailing, type TellDisabled } from '../../server/endpoint/disable.ts';
import { newId } from '../../server/id.ts';
import type { AttemptRow, DeliveryRow, EndpointRow } from '../../server/model.ts';
import { createLog } from '../../server/observe/log.ts';
import type { AcceptedEvent, Committed, Refused } from '../../server/publish/accepted.ts';
import { keysOf } from '../../server/publish/commit-events.ts';
import { GroupCommit, type Submit } from '../../server/publish/group-commit.ts';
import { endpointDisabled } from '../../server/publish/operational-events.ts';
import { PendingQuota } from '../../server/publish/pending-quota.ts';
import { createPublisher } from '../../server/publish/publish.ts';
import type { Publisher } from '../../server/publish/publisher.ts';
import type { Database } from '../../server/storage/database.ts';
import { insertEndpoint } from '../../server/storage/endpoints.ts';
import { testVault } from './vault.ts';

/** Any number of deliveries may wait. */
const NO_QUOTA = new PendingQuota(0, async () => 0);

export const TEAM = 'default';
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** The engine without HTTP: publisher, worker and what is between them, over a real database and real sockets. */
export interface Engine {
  db: Database;
  catalog: Catalog;
  publisher: Publisher;
  worker: Worker;
  /** Holds, releases and cancels large backlogs; the caller starts and stops it. */
  backlogChanger: BacklogChanger;
  submit: Submit<AcceptedEvent, Committed | Refused>;
  settle: Submit<Settlement, Settled>;
  retired: string[];
  addEndpoint(row: Partial<EndpointRow> & { url: string }): Promise<string>;
  /** Publishes the first sample of a type; resolves to the event's id. */
  publishSample(type: string, more?: { id?: string; projectId?: string }): Promise<string>;
  deliveries(): Promise<DeliveryRow[]>;
  attempts(deliveryId: string): Promise<AttemptRow[]>;
}

/** Posts on the thread of the test, through any sender. */
export function testPoster(sender: Sender): Poster {
  return createPoster({ sender, dialects, userAgent: 'Hookloom/test' });
}

export const catalog = loadCatalog('events.json');

/** Composes an engine, with some parts of its worker replaced if need be; the caller starts and stops the worker. */
export function makeEngine(
  db: Database,
  clock: Clock = systemClock,
  random = () => 0.5,
  replaced: Partial<WorkerParts> = {},
): Engine {
  const log = createLog(process.env.TEST_LOG ?? 'silent');
  const metrics = { published: () => undefined, committed: () => undefined };
  const group = new GroupCommit(db, metrics);
  const settle = group.register<Settlement, Settled>(SETTLEMENTS);
  const submit = group.register<AcceptedEvent, Committed | Refused>(EVENTS, keysOf);
  const retired: string[] = [];
  const tell = operationalEvents(catalog);
  const tellDisabled: TellDisabled<unknown> = (tx, disabled) => tell(tx, [endpointDisabled(disabled)]);
  const worker = new Worker({
    db,
    vault: testVault,
    clock,
    log,
    nameOf: (_, type) => type,
    retryPolicies,
    random,
    submit: settle,
    observe: () => undefined,
    poster: testPoster(createSender(systemClock, closedEgress(true))),
    retire: async (_, endpointId) => {
      retired.push(endpointId);
    },
    async disable(teamId, endpointId, limit, last) {
      await disableFailing({ db, clock, tell: tellDisabled }, { teamId, id: endpointId }, limit, last);
    },
    announce: ({ teamId, endpointIds, at }) => {
      for (const endpointId of endpointIds) worker.wake(teamId, endpointId, at);
    },
    ...replaced,
  });
  const publisher = createPublisher({ catalog, db, clock, signals: worker, submit, metrics, quota: NO_QUOTA });
  return {
    db,
    catalog,
    publisher,
    worker,
    backlogChanger: new BacklogChanger({ db, clock, log, signals: worker }),
    submit,
    settle,
    retired,
    async addEndpoint(row) {
      const id = row.id ?? newId('ep');
      await db.transaction((tx) =>
        insertEndpoint(
          tx,
          {
            team_id: TEAM,
            kind: 'endpoint',
            name: null,
            events: '["*"]',
            project_id: null,
            filters: null,
            dialect: 'standard',
            headers: '{}',
            allowed_ips: null,
            credentials: null,
            client_certificate: null,
            retry_policy: 'standard',
            timeout_ms: 10_000,
            max_in_flight: 10,
            rate_limit: null,
            ordered: 0,
            ordering_key: null,
            state: 'active',
            disabled_reason: null,
            disabled_at: null,
            signature: null,
            token_id: null,
            barred: null,
            secret: SECRET,
            previous_secret: null,
            previous_secret_until: null,
            created_at: clock.now(),
            updated_at: clock.now(),
            ...row,
            id,
          },
          JSON.parse(row.events ?? '["*"]') as string[],
        ),
      );
      return id;
    },
    async publishSample(type, { id, projectId } = {}) {
      const sample = catalog.types.get(type)?.samples[0];
      if (sample === undefined) throw new Error(`no sample of ${type}`);
      const published = await publisher.publish({
        teamId: TEAM,
        type,
        data: sample.data,
        projectId: projectId ?? sample.project_id,
        ...(id === undefined ? {} : { id }),
      });
      return published.eventId;
    },
    deliveries: () => db.all<DeliveryRow>('select * from delivery order by id'),
    attempts: (deliveryId) =>
      db.all<AttemptRow>('select * from attempt where delivery_id = ?1 order by number', [deliveryId]),
  };
}
