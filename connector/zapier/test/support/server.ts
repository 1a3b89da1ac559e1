import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog, Envelope } from '../../../../server/catalog/types.ts';
import { readConfig } from '../../../../server/config.ts';
import { startHookloom } from '../../../../server/hookloom.ts';

const OPERATOR_TOKEN = 'operator-token-of-the-zapier-tests-0001';

/** A server of the test's own, on a port and a temporary database. */
export interface TestServer {
  url: string;
  catalog: Catalog;
  /** A token as a user gives it to Zapier: with the abilities that a token has when none are named. */
  connectorToken: string;
  /** Calls the API with the operator's token. @throws when the reply is an error. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  publish(type: string, sample: Pick<Envelope, 'data' | 'project_id'>): Promise<{ data: Envelope; deliveries: number }>;
  stop(): Promise<void>;
}

/** Starts the real server; its replies are checked against openapi.yaml. */
export async function startServer(catalogPath = 'events.json'): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-zapier-'));
  const environment = {
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'test.db')}`,
    HOOKLOOM_OPERATOR_TOKEN: OPERATOR_TOKEN,
    HOOKLOOM_RATE_LIMIT_MINUTE: '0',
    HOOKLOOM_CATALOG: catalogPath,
    // What hooks get that name no dialect; the app's hooks must not depend on it.
    HOOKLOOM_DEFAULT_DIALECT: 'memberpass',
    LOG_LEVEL: 'error',
  };
  const server = await startHookloom(readConfig(environment, ['standard', 'memberpass']), { checkResponses: true });

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${OPERATOR_TOKEN}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  const { token } = await call<{ token: string }>('POST', '/v1/tokens', { name: 'Zapier' });
  return {
    url: server.url,
    catalog: server.catalog,
    connectorToken: token,
    call,
    publish: (type, { data, project_id }) =>
      call('POST', '/v1/webhook-events', { type, data, ...(project_id === null ? {} : { project_id }) }),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
