import { hash } from 'node:crypto';
import type { Clock } from '../../server/clock.ts';
import type { Config } from '../../server/config.ts';
import { readEgressSettings } from '../../server/egress/egress-settings.ts';
import { type Hookloom, startHookloom } from '../../server/hookloom.ts';
import { createLog } from '../../server/observe/log.ts';
import type { RateLimitSettings } from '../../server/token/rate-limits.ts';
import { type Store, sqliteStore } from '../support/stores.ts';
import { testKeys } from '../support/vault.ts';
import { type Call, caller, OPERATOR_TOKEN } from './caller.ts';
import { type ContractProxy, startContractProxy } from './contract-proxy.ts';

export { type Answer, type CallOptions, caller, OPERATOR_TOKEN } from './caller.ts';

const DEFAULT_RATES = {
  managementPerMinute: 300,
  managementPerHour: 10_000,
  publishPerMinute: 60_000,
  testsPerMinute: 5,
};

/** A whole server on a free port, every reply checked against openapi.yaml. */
export interface Api extends AsyncDisposable {
  url: string;
  hookloom: Hookloom;
  call: Call;
  /** A token of a team, with these abilities. */
  makeToken(
    abilities: string[] | undefined,
    team?: string,
    projects?: string[],
  ): Promise<{ id: string; token: string }>;
}

export async function startApi(
  more: {
    rateLimits?: Partial<RateLimitSettings>;
    quotas?: Partial<Config['quotas']>;
    store?: Store;
    clock?: Clock;
    host?: string;
    metricsTokenHash?: string;
    payloadRetentionDays?: number;
    env?: Record<string, string>;
    catalogPath?: string;
  } = {},
): Promise<Api> {
  const store = more.store ?? (await sqliteStore());
  const engine = store.name === 'SQLite' ? 'sqlite' : 'postgres';
  const hookloom = await startHookloom(
    {
      role: 'all',
      host: more.host ?? '127.0.0.1',
      port: 0,
      database: engine === 'sqlite' ? { engine, path: store.url.replace('sqlite:', '') } : { engine, url: store.url },
      operatorTokenHash: hash('sha256', OPERATOR_TOKEN),
      catalogPath: more.catalogPath ?? 'events.json',
      defaultDialect: 'standard',
      logLevel: 'silent',
      logAttempts: 'none',
      retentionDays: 30,
      payloadRetentionDays: more.payloadRetentionDays ?? 30,
      metricsTokenHash: more.metricsTokenHash ?? null,
      masterKeys: testKeys,
      rateLimits: { ...DEFAULT_RATES, ...more.rateLimits },
      quotas: { endpoints: 0, pendingDeliveries: 0, ...more.quotas },
      egress: readEgressSettings(more.env ?? {}, (more.host ?? '127.0.0.1') === '127.0.0.1', []),
    },
    {
      checkResponses: true,
      log: createLog(process.env.TEST_LOG ?? 'silent'),
      ...(more.clock === undefined ? {} : { clock: more.clock }),
    },
  );
  const direct = caller(hookloom.url.replace('0.0.0.0', '127.0.0.1'));
  const proxy = await contractProxy(hookloom.url);
  const call = proxy === null ? direct : proxy.judged(caller(proxy.url), direct);
  return {
    url: hookloom.url,
    hookloom,
    call,
    async makeToken(abilities, team, projects) {
      const answer = await call('POST', '/v1/tokens', {
        headers: team === undefined ? {} : { 'Team-Id': team },
        body: { name: 'a token', projects: projects ?? null, ...(abilities === undefined ? {} : { abilities }) },
      });
      return { id: answer.json.data.id, token: answer.json.token };
    },
    async [Symbol.asyncDispose]() {
      await proxy?.[Symbol.asyncDispose]();
      await hookloom.stop();
      await store.remove();
    },
  };
}

/** `npm run contract` has every reply judged once more, by somebody else's code. */
async function contractProxy(url: string): Promise<ContractProxy | null> {
  return process.env.TEST_CONTRACT_PROXY === undefined ? null : startContractProxy(url.replace('0.0.0.0', '127.0.0.1'));
}
