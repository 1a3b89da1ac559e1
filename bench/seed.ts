import { loadCatalog } from '../server/catalog/load.ts';
import type { Catalog, Envelope } from '../server/catalog/types.ts';
import { commitProcedures, EVENTS } from '../server/commit.ts';
import { dialects } from '../server/delivery/dialect/dialects.ts';
import { retryPolicies } from '../server/delivery/retry.ts';
import { closedEgress } from '../server/egress/egress-settings.ts';
import { createEndpoint } from '../server/endpoint/create.ts';
import { earliestDeliveryId, newId } from '../server/id.ts';
import type { AcceptedEvent, Committed, Refused } from '../server/publish/accepted.ts';
import { COMMIT } from '../server/publish/group-commit.ts';
import type { Database } from '../server/storage/database.ts';
import { makeDays } from '../server/storage/days.ts';
import { type DatabaseLocation, openDatabase } from '../server/storage/open.ts';
import { insertTeam } from '../server/storage/teams.ts';
import { environmentKeys } from '../server/vault/key-source.ts';
import { parseMasterKey } from '../server/vault/master-key.ts';
import { Vault } from '../server/vault/vault.ts';
import { MASTER_KEY } from './master-key.ts';
import type { Sample } from './sample.ts';

/** Deliveries that wait in a database while no server runs. */
export interface Pending {
  /** Names the projects of these endpoints. */
  name: string;
  url: string;
  endpoints: number;
  deliveriesPerEndpoint: number;
  /** How many endpoints an event goes to; divides `endpoints`. */
  endpointsPerEvent: number;
  /** When the first is due, in epoch milliseconds, and over how many milliseconds the others fall due. */
  dueAt: number;
  spanMs: number;
}

const TEAM = 'default';
const ENDPOINTS_A_TRANSACTION = 500;
/** What a full group of the server has. */
const EVENTS_A_GROUP = 256;

/**
 * Fills a database with pending deliveries, each part after the other, the way the server itself does: endpoints and events
 * go through the same functions, so that rows, indexes and armed lanes are those of a server that accepted the events and
 * stopped before it sent anything. Nothing listens to what is committed, so nothing is sent.
 */
export async function seedPending(databaseUrl: string, sample: Sample, parts: (() => Pending)[]): Promise<void> {
  const catalog = loadCatalog('events.json');
  const db = await openDatabase(locationOf(databaseUrl), console, {
    procedures: commitProcedures(catalog),
    thread: { url: new URL('../server/commit-thread.ts', import.meta.url), data: { catalog: catalog.source } },
  });
  try {
    await db.transaction((tx) => insertTeam(tx, { id: TEAM, name: 'Default', created_at: Date.now() }));
    await makeDays({ db, log: console, earliestId: earliestDeliveryId }, Date.now());
    for (const part of parts) {
      const pending = part();
      await addEndpoints(db, catalog, sample, pending);
      await addEvents(db, sample, pending);
    }
    // PostgreSQL would do both by itself within the next minutes, in the middle of a measurement. SQLite moves its log on closing.
    if (db.engine === 'postgres') {
      await db.script('vacuum analyze');
      await db.script('checkpoint');
    }
  } finally {
    await db.close();
  }
}

function locationOf(url: string): DatabaseLocation {
  return url.startsWith('sqlite:')
    ? { engine: 'sqlite', path: url.slice('sqlite:'.length) }
    : { engine: 'postgres', url };
}

async function addEndpoints(db: Database, catalog: Catalog, sample: Sample, pending: Pending): Promise<void> {
  const rules = {
    catalog,
    dialects,
    retryPolicies: new Set(retryPolicies.keys()),
    defaultDialect: 'standard',
    quota: 0,
    target: closedEgress(true).policy,
    vault: new Vault(environmentKeys([parseMasterKey(MASTER_KEY)])),
  };
  for (let from = 0; from < pending.endpoints; from += ENDPOINTS_A_TRANSACTION)
    await db.transaction(async (tx) => {
      for (let index = from; index < Math.min(from + ENDPOINTS_A_TRANSACTION, pending.endpoints); index += 1)
        await createEndpoint(
          tx,
          rules,
          TEAM,
          {
            kind: 'endpoint',
            tokenId: null,
            rights: { isPersonal: true, projects: null, barredFamilies: [] },
            name: 'bench',
            url: `${pending.url}/${index}`,
            events: [sample.type],
            project_id: projectOf(pending, Math.floor(index / pending.endpointsPerEvent)),
          },
          Date.now(),
        );
    });
}

async function addEvents(db: Database, sample: Sample, pending: Pending): Promise<void> {
  const projects = pending.endpoints / pending.endpointsPerEvent;
  const count = projects * pending.deliveriesPerEndpoint;
  const envelope = JSON.parse(sample.envelope) as Envelope;
  for (let from = 0; from < count; from += EVENTS_A_GROUP) {
    const events: AcceptedEvent[] = [];
    for (let index = from; index < Math.min(from + EVENTS_A_GROUP, count); index += 1) {
      const projectId = projectOf(pending, index % projects);
      const id = newId('evt');
      const acceptedAt = pending.dueAt + Math.floor((index * pending.spanMs) / count);
      events.push({
        teamId: TEAM,
        id,
        type: sample.type,
        projectId,
        text: JSON.stringify({
          ...envelope,
          id,
          project_id: projectId,
          created_at: new Date(acceptedAt).toISOString(),
        }),
        keyHash: undefined,
        once: undefined,
        only: undefined,
        isTest: false,
        acceptedAt,
        traceparent: null,
      });
    }
    const [results] = await db.perform<(Committed | Refused)[][]>(COMMIT, [{ kind: EVENTS, items: events }]);
    for (const committed of results ?? [])
      if ('refused' in committed || committed.deliveries !== pending.endpointsPerEvent)
        throw new Error(`an event of the seed did not get its deliveries: ${JSON.stringify(committed)}`);
  }
}

function projectOf({ name }: Pending, index: number): string {
  return `prj_${name}_${index}`;
}
