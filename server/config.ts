import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { type EgressSettings, readEgressSettings } from './egress/egress-settings.ts';
import type { Role } from './model.ts';
import type { LoggedAttempts } from './observe/attempt-log.ts';
import { readRole } from './role.ts';
import type { DatabaseLocation } from './storage/open.ts';
import type { RateLimitSettings } from './token/rate-limits.ts';
import { environmentKeys, fileKeys, type KeySource } from './vault/key-source.ts';
import { type MasterKey, parseMasterKey } from './vault/master-key.ts';

/** What the environment says, checked. */
export interface Config {
  /** What this process does. */
  role: Role;
  host: string;
  port: number;
  database: DatabaseLocation;
  /** SHA-256 (hex) of HOOKLOOM_OPERATOR_TOKEN, or null when the stored one holds. */
  operatorTokenHash: string | null;
  catalogPath: string;
  defaultDialect: string;
  logLevel: string;
  /** Which attempts get a line in the log. */
  logAttempts: LoggedAttempts;
  /** How long events, deliveries and attempts are kept, in days. */
  retentionDays: number;
  /** How long the payloads of events for which nothing waits are kept, in days; at most `retentionDays`. */
  payloadRetentionDays: number;
  /** SHA-256 (hex) of HOOKLOOM_METRICS_TOKEN, or null when there is none. */
  metricsTokenHash: string | null;
  /** How many requests a token may make. */
  rateLimits: RateLimitSettings;
  /** How much a team may have; 0 for any number. */
  quotas: { endpoints: number; pendingDeliveries: number };
  /** Where the master keys are that stored secrets are sealed under. */
  masterKeys: KeySource;
  /** Where deliveries may go, and which way. A server that is reachable from this machine only may deliver to it too. */
  egress: EgressSettings;
}

/** The environment is not usable; the message lists every fault. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`the configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\nSee .env.example.`);
    this.name = 'ConfigError';
  }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const LEAST_TOKEN_LENGTH = 32;
const DEFAULT_DATABASE = 'sqlite:data/hookloom.db';

/**
 * Reads the configuration from environment variables (listed in .env.example). An empty variable counts as absent.
 * @param args the command line's arguments: `--role`, which goes before HOOKLOOM_ROLE
 * @throws ConfigError with all faults at once.
 */
export function readConfig(
  env: Record<string, string | undefined>,
  dialects: readonly string[],
  args: readonly string[] = [],
): Config {
  const faults: string[] = [];
  const value = (name: string, fallback: string): string => env[name]?.trim() || fallback;
  const oneOf = <T extends string>(name: string, fallback: T, known: readonly T[]): T => {
    const given = value(name, fallback);
    if (!known.includes(given as T)) faults.push(`${name} is "${given}"; it must be one of ${known.join(', ')}`);
    return given as T;
  };
  const tokenHash = (name: string): string | null => {
    const token = env[name];
    if (!token) return null;
    if (token.length < LEAST_TOKEN_LENGTH)
      faults.push(
        `${name} has ${token.length} characters; it must have ${LEAST_TOKEN_LENGTH} or more (try: openssl rand -hex 32)`,
      );
    return hash('sha256', token);
  };

  const host = value('HOST', '127.0.0.1');
  if (isIP(host) === 0 && !/^[a-z0-9.-]+$/i.test(host))
    faults.push(`HOST is "${host}"; it must be an IP address or a host name to listen on`);
  const port = Number(value('PORT', '8787'));
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    faults.push(`PORT is "${env.PORT}"; it must be a whole number from 0 to 65535 (0 picks a free port)`);
  const database = readDatabaseUrl(value('DATABASE_URL', DEFAULT_DATABASE), faults);
  const role = readRole(args, value('HOOKLOOM_ROLE', ''), faults);
  if (role !== 'all' && database.engine === 'sqlite' && database.path !== '')
    faults.push(
      `the role is ${role}, which needs another process beside it, and SQLite serves one alone: set DATABASE_URL to a PostgreSQL, or leave the role out`,
    );
  const operatorTokenHash = tokenHash('HOOKLOOM_OPERATOR_TOKEN');
  const metricsTokenHash = tokenHash('HOOKLOOM_METRICS_TOKEN');
  const defaultDialect = oneOf('HOOKLOOM_DEFAULT_DIALECT', 'standard', dialects);
  const logLevel = oneOf('LOG_LEVEL', 'info', LOG_LEVELS);
  const logAttempts = oneOf<LoggedAttempts>('HOOKLOOM_LOG_ATTEMPTS', 'all', ['all', 'failed', 'none']);
  const days = (name: string, fallback: string): number => {
    const given = value(name, fallback);
    if (!/^\d{1,4}$/.test(given) || Number(given) === 0)
      faults.push(`${name} is "${given}"; it must be a whole number of days from 1 to 9999`);
    return Number(given);
  };
  const retentionDays = days('HOOKLOOM_RETENTION_DAYS', '30');
  const payloadRetentionDays = days('HOOKLOOM_RETENTION_PAYLOAD_DAYS', String(retentionDays));
  if (payloadRetentionDays > retentionDays)
    faults.push(
      `HOOKLOOM_RETENTION_PAYLOAD_DAYS is ${payloadRetentionDays}, but the events themselves are kept for HOOKLOOM_RETENTION_DAYS, ${retentionDays}: it must not be more`,
    );
  const isLoopbackOnly = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  const count = (name: string, fallback: string): number => {
    const given = value(name, fallback);
    if (!/^\d{1,9}$/.test(given)) faults.push(`${name} is "${given}"; it must be a whole number, 0 for no limit`);
    return Number(given);
  };
  const rateLimits = {
    managementPerMinute: count('HOOKLOOM_RATE_LIMIT_MINUTE', '300'),
    managementPerHour: count('HOOKLOOM_RATE_LIMIT_HOUR', '10000'),
    publishPerMinute: count('HOOKLOOM_RATE_LIMIT_PUBLISH', '60000'),
    testsPerMinute: count('HOOKLOOM_RATE_LIMIT_TEST', '5'),
  };
  const quotas = {
    endpoints: count('HOOKLOOM_QUOTA_ENDPOINTS', '0'),
    pendingDeliveries: count('HOOKLOOM_QUOTA_PENDING_DELIVERIES', '0'),
  };
  const masterKeys = readMasterKeys(env, database, faults);
  const egress = readEgressSettings(env, isLoopbackOnly, faults);
  if (faults.length > 0) throw new ConfigError(faults);

  return {
    role,
    host,
    port,
    database,
    operatorTokenHash,
    catalogPath: value('HOOKLOOM_CATALOG', 'events.json'),
    defaultDialect,
    logLevel,
    logAttempts,
    retentionDays,
    payloadRetentionDays,
    metricsTokenHash,
    rateLimits,
    quotas,
    masterKeys,
    egress,
  };
}

/**
 * Where the database is: of the whole configuration, all that a backup needs.
 * @throws ConfigError when DATABASE_URL makes no sense.
 */
export function readDatabase(env: Record<string, string | undefined>): DatabaseLocation {
  const faults: string[] = [];
  const database = readDatabaseUrl(env.DATABASE_URL?.trim() || DEFAULT_DATABASE, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return database;
}

/** Keys that are set go before a key file, which is else beside the database, or where PostgreSQL's server has its data. */
function readMasterKeys(
  env: Record<string, string | undefined>,
  database: DatabaseLocation,
  faults: string[],
): KeySource {
  const keys: MasterKey[] = [];
  const add = (name: string, text: string): void => {
    try {
      keys.push(parseMasterKey(text));
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  };
  const current = env.HOOKLOOM_MASTER_KEY?.trim() ?? '';
  const previous = (env.HOOKLOOM_MASTER_KEY_PREVIOUS ?? '').split(/[\s,]+/).filter((text) => text !== '');
  const file = env.HOOKLOOM_MASTER_KEY_FILE?.trim() ?? '';
  if (current === '') {
    if (previous.length > 0) faults.push('HOOKLOOM_MASTER_KEY_PREVIOUS is set, but HOOKLOOM_MASTER_KEY is not');
    return fileKeys(file || join(database.engine === 'sqlite' ? dirname(database.path) : 'data', 'master.key'));
  }
  if (file !== '') faults.push('HOOKLOOM_MASTER_KEY and HOOKLOOM_MASTER_KEY_FILE are both set; leave one of them out');
  add('HOOKLOOM_MASTER_KEY', current);
  for (const text of previous) add('HOOKLOOM_MASTER_KEY_PREVIOUS', text);
  return environmentKeys(keys);
}

function readDatabaseUrl(url: string, faults: string[]): DatabaseLocation {
  if (/^postgres(ql)?:\/\//.test(url)) {
    if (!URL.canParse(url))
      faults.push('DATABASE_URL is not a valid URL; write postgres://user:password@host:5432/name');
    return { engine: 'postgres', url };
  }
  const path = /^sqlite:(.+)$/.exec(url)?.[1];
  // The URL may hold a password, so it is not repeated.
  if (path === undefined) faults.push('DATABASE_URL must begin with sqlite: (a path) or postgres:// (a URL)');
  return { engine: 'sqlite', path: path ?? '' };
}
