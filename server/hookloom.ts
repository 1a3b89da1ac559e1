import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as rest } from 'node:timers/promises';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { nameIn } from './catalog/dialect-names.ts';
import { loadCatalog } from './catalog/load.ts';
import type { Catalog } from './catalog/types.ts';
import { type Clock, systemClock } from './clock.ts';
import { commitProcedures, EVENTS, operationalEvents, SETTLEMENTS } from './commit.ts';
import type { Config } from './config.ts';
import { BacklogChanger } from './delivery/backlog-changer.ts';
import { createBroadcast } from './delivery/broadcast.ts';
import { dialects } from './delivery/dialect/dialects.ts';
import { openPoster } from './delivery/open-poster.ts';
import { Replayer } from './delivery/replayer.ts';
import { retryPolicies } from './delivery/retry.ts';
import { DRAIN_MS, Worker } from './delivery/worker.ts';
import { type DisableParts, disableFailing } from './endpoint/disable.ts';
import { retireEndpoint } from './endpoint/retire.ts';
import { createApp } from './http/app.ts';
import { drain } from './http/drain.ts';
import { messagesOf } from './http/express-messages.ts';
import { createHttpServer } from './http/http-server.ts';
import { loadContract } from './http/load-contract.ts';
import { earliestDeliveryId, newId } from './id.ts';
import type { Role } from './model.ts';
import { createAttemptLog } from './observe/attempt-log.ts';
import { watchBacklog } from './observe/backlog-watch.ts';
import { createLog, openLogOutput } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { keysOf } from './publish/commit-events.ts';
import { FeedWatch } from './publish/feed-watch.ts';
import { GroupCommit } from './publish/group-commit.ts';
import { endpointDisabled, type Told } from './publish/operational-events.ts';
import { PendingQuota } from './publish/pending-quota.ts';
import { createPublisher } from './publish/publish.ts';
import { Retention } from './retention/retention.ts';
import { countBacklog } from './storage/backlog.ts';
import { makeDays } from './storage/days.ts';
import { openDatabase } from './storage/open.ts';
import { openChannel } from './storage/postgres-channel.ts';
import { countTeamBacklog } from './storage/team-backlog.ts';
import { settleOperator } from './token/operator.ts';
import { settleKeys } from './vault/settle-keys.ts';
import { Vault } from './vault/vault.ts';

const DAY_MS = 24 * 3600 * 1000;

/** What tests replace. */
export interface Overrides {
  clock?: Clock;
  log?: Logger;
  /** Checks every reply against openapi.yaml. */
  checkResponses?: boolean;
}

/** A server that listens, or delivers, or both. */
export interface Hookloom {
  /** Where it listens, without a slash at the end. */
  url: string;
  /** What it does. */
  role: Role;
  catalog: Catalog;
  /** The operator's token, when this start made it; it cannot be read again. */
  newOperatorToken: string | undefined;
  /** Takes no more requests and lanes, finishes what is in flight (up to 15 s), lets go of the lanes, closes the database. */
  stop(): Promise<void>;
}

/**
 * The composition root: catalog, storage, publisher, worker, HTTP. A process with the role `api` has no worker; one with the
 * role `worker` serves only its state and its metrics.
 * @throws CatalogError, DatabaseInUse, DatabaseTooNew, StorageUnavailable, or an error of listening (EADDRINUSE, …).
 */
export async function startHookloom(config: Config, overrides: Overrides = {}): Promise<Hookloom> {
  const output = openLogOutput();
  const { clock = systemClock, log = createLog(config.logLevel, output), checkResponses = false } = overrides;
  const catalog = loadCatalog(config.catalogPath);
  const opening = openDatabase(config.database, log, {
    procedures: commitProcedures(catalog),
    thread: { url: new URL('./commit-thread.ts', import.meta.url), data: { catalog: catalog.source } },
  });
  // While the database opens, which on SQLite is another thread's work.
  const contract = loadContract();
  const db = await opening;
  const vault = new Vault(config.masterKeys);
  await settleKeys(db, vault, clock.now());
  await makeDays({ db, log, earliestId: earliestDeliveryId }, clock.now());
  // A worker would tell the token, and what to try with it, where nothing of it works.
  const newOperatorToken =
    config.role === 'worker' ? undefined : await settleOperator(db, clock, config.operatorTokenHash);
  let isStopping = false;

  const metrics = createMetrics({
    version: packageJson.version,
    role: config.role,
    // Unhurried, so that counting a large backlog takes a tenth of the time that it lasts.
    readBacklog: watchBacklog(() => countBacklog(db, clock.now(), () => rest(5)), clock),
    countLeasedLanes: () => worker?.leasedLanes ?? 0,
  });
  const logAttempt = createAttemptLog(output, log.isLevelEnabled('info') ? config.logAttempts : 'none');
  // On SQLite, which writes one transaction at a time, publishes and settlements share their commits. On PostgreSQL each
  // has its own, so that they cannot wait for each other's locks.
  const publishes = new GroupCommit(db, metrics);
  const settlements = db.engine === 'sqlite' ? publishes : new GroupCommit(db, metrics);
  // This thread is the limit: with signing and posting on another one it delivers up to a third more.
  const userAgent = `Hookloom/${packageJson.version}`;
  const poster =
    config.role === 'api' ? undefined : await openPoster(clock === systemClock, clock, config.egress, userAgent);
  const tell = operationalEvents(catalog);
  const disabling: DisableParts<Told | undefined> = {
    db,
    clock,
    tell: async (tx, disabled) => (await tell(tx, [endpointDisabled(disabled)]))[0],
  };
  const announce = (told: Told | undefined): void => {
    if (told === undefined) return;
    for (const endpointId of told.endpointIds) signals.wake(told.teamId, endpointId, told.at);
    feed.ring(told.teamId);
  };
  const worker =
    poster === undefined
      ? undefined
      : new Worker({
          db,
          clock,
          log,
          poster,
          vault,
          nameOf: (dialect, name) => {
            const type = catalog.types.get(name);
            return (type && nameIn(catalog, dialect, type)) ?? name;
          },
          retryPolicies,
          random: Math.random,
          submit: settlements.register(SETTLEMENTS),
          observe(attempt) {
            metrics.attempted(attempt);
            logAttempt(attempt);
          },
          async retire(teamId, endpointId) {
            announce(await retireEndpoint(disabling, teamId, endpointId));
          },
          async disable(teamId, endpointId, rule, last) {
            announce(await disableFailing(disabling, { teamId, id: endpointId }, rule, last));
          },
          announce,
        });
  const retention = new Retention({
    db,
    clock,
    log,
    keep: { events: config.retentionDays * DAY_MS, payloads: config.payloadRetentionDays * DAY_MS },
  });
  const signals = createBroadcast(worker, clock, worker?.id ?? newId('wrk'));
  const channel =
    config.database.engine === 'postgres' ? await openChannel(config.database.url, signals.receive, log) : undefined;
  if (channel !== undefined) signals.connect(channel);
  const replayer = config.role === 'api' ? undefined : new Replayer({ db, clock, log, signals });
  const backlogChanger = config.role === 'api' ? undefined : new BacklogChanger({ db, clock, log, signals });
  const feed = new FeedWatch({ db, clock, log });
  const publisher = createPublisher({
    catalog,
    db,
    clock,
    signals,
    submit: publishes.register(EVENTS, keysOf),
    onCommit: (teamId) => feed.ring(teamId),
    metrics,
    quota: new PendingQuota(config.quotas.pendingDeliveries, (teamId) =>
      countTeamBacklog(db, teamId, config.quotas.pendingDeliveries, () => rest(1)),
    ),
  });
  const app = createApp({
    contract,
    catalog,
    db,
    clock,
    publisher,
    signals,
    feed,
    log,
    metrics,
    role: config.role,
    metricsTokenHash: config.metricsTokenHash,
    operatorTokenHash: config.operatorTokenHash,
    dialects,
    retryPolicies: new Set(retryPolicies.keys()),
    defaultDialect: config.defaultDialect,
    egressPolicy: config.egress.policy,
    rateLimits: config.rateLimits,
    endpointQuota: config.quotas.endpoints,
    vault,
    version: packageJson.version,
    checkResponses,
    isReady: () =>
      db.get('select 1 as ready').then(
        () => !isStopping,
        () => false,
      ),
  });

  const answer: RequestListener = (incoming, response) => {
    if (isStopping) response.setHeader('Connection', 'close');
    app(incoming, response);
  };
  const server = createHttpServer(answer, messagesOf(app));
  server.listen(config.port, config.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    metrics.stop();
    await channel?.close();
    await db.close();
    throw error;
  }
  worker?.start();
  replayer?.start();
  backlogChanger?.start();
  if (worker !== undefined) retention.start();
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;

  return {
    url: `http://${host}:${port}`,
    role: config.role,
    catalog,
    newOperatorToken,
    async stop() {
      isStopping = true;
      feed.stop();
      // Side by side: what is published meanwhile is committed, and waits for the next process.
      await Promise.all([
        worker?.stop(),
        replayer?.stop(),
        backlogChanger?.stop(),
        retention.stop(),
        drain(server, DRAIN_MS),
      ]);
      metrics.stop();
      await poster?.close();
      await channel?.close();
      await db.close();
    },
  };
}
