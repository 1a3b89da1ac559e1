import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contractOperations, readContract } from '../../server/http/contract.ts';
import { PROBLEM_CODES } from '../../server/problem.ts';
import { startApi } from '../http/api.ts';
import { makeTeam, rowsOfTeam, type Team } from '../http/team.ts';
import type { Store } from '../support/stores.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { type FuzzRequest, requests } from './requests.ts';

/** Stands wherever team B may write freely, and nowhere else. */
const MARKER = 'only-for-the-eyes-of-b';

/** What a run found out: how many answers there were of each kind. */
export interface Fuzzed {
  statuses: Record<string, number>;
  operations: number;
}

/**
 * Sends generated requests of team A to a whole server, one after the other, that checks its own replies against the contract.
 * @param seed gives the same requests again
 * @throws Error with the smallest request found that is answered wrongly, as a command for a shell: a 5xx, an error that is no
 * problem with a known code, or something of team B; or when something of team B has changed
 */
export async function fuzz(store: Store, count: number, seed: number): Promise<Fuzzed> {
  const contract = readContract();
  const operations = contractOperations(contract);
  const statuses: Record<string, number> = {};
  await using api = await startApi({
    store,
    rateLimits: { managementPerMinute: 0, managementPerHour: 0, publishPerMinute: 0, testsPerMinute: 0 },
  });
  const a = await makeTeam(api, 'a');
  const b = await makeTeam(api, 'b', MARKER);
  // Revoking the token that everything is asked with would end it all.
  a.ids.token = (await api.makeToken(undefined, 'a')).id;
  const earlier = await rowsOfTeam(store, 'b');
  const replace = (text: string) =>
    text
      .replaceAll('«a»', a.token)
      .replaceAll(/«([ab])\.(\w+)»/g, (_, team, kind) => (team === 'a' ? a : b).ids[kind as keyof Team['ids']]);

  const ask = fc.asyncProperty(requests(contract, operations), async (request) => {
    const answer = await exchange(api.url, bytesOf(request, replace), 15_000);
    const kind = `${answer.status}`;
    statuses[kind] = (statuses[kind] ?? 0) + 1;
    const fault = faultOf(request, answer) ?? leakOf(b, replace(JSON.stringify(request)), answer);
    if (fault !== undefined)
      throw new Error(`${fault}\n${asCommand(api.url, request, replace)}\n${answer.body.slice(0, 500)}`);
  });
  const outcome = await fc.check(ask, { numRuns: count, seed, endOnFailure: false, interruptAfterTimeLimit: 600_000 });
  if (outcome.failed) {
    const { errorInstance, counterexamplePath } = outcome;
    const says = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    throw new Error(`with seed ${seed}, after ${outcome.numRuns} requests (path ${counterexamplePath}): ${says}`);
  }
  assert.deepEqual(await rowsOfTeam(store, 'b'), earlier, 'something of team B has changed');
  return { statuses, operations: operations.length };
}

function bytesOf({ method, target, headers, body }: FuzzRequest, replace: (text: string) => string): Buffer {
  const content =
    body === null
      ? null
      : 'text' in body
        ? Buffer.from(replace(body.text).toWellFormed(), 'utf8')
        : Buffer.from(body.bytes, 'latin1');
  const lines = [
    `${method} ${replace(target)} HTTP/1.1`,
    'Host: hookloom',
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${replace(value)}`),
    ...(content === null ? [] : [`Content-Length: ${content.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content ?? Buffer.alloc(0)]);
}

const CODES = new Set<unknown>(PROBLEM_CODES);

function faultOf({ method }: FuzzRequest, { status, headers, body }: Exchanged): string | undefined {
  if (status >= 500) return `answered with ${status}`;
  if (status < 400) return undefined;
  if (headers.get('content-type') !== 'application/problem+json') return `${status} is no problem+json`;
  if (method === 'HEAD') return undefined;
  const problem = JSON.parse(body);
  if (!CODES.has(problem.code)) return `unknown code ${problem.code}`;
  if (problem.status !== status) return `the problem of a ${status} says ${problem.status}`;
  return undefined;
}

/** An answer may repeat what was asked for, and nothing else of the other team. */
function leakOf(other: Team, asked: string, { body }: Exchanged): string | undefined {
  if (body.includes(MARKER)) return 'shows what the other team wrote';
  const shown = [...Object.values(other.ids), other.token].find((id) => body.includes(id) && !asked.includes(id));
  return shown === undefined ? undefined : `shows ${shown} of the other team`;
}

/** The request for a shell; what curl would not send goes through netcat. */
function asCommand(url: string, request: FuzzRequest, replace: (text: string) => string): string {
  const bytes = bytesOf(request, replace);
  const { hostname, port } = new URL(url);
  const text = bytes.length > 4_000 ? `${bytes.subarray(0, 4_000).toString('latin1')}…` : bytes.toString('latin1');
  const printable = JSON.stringify(text).slice(1, -1).replaceAll("'", "\\'").replaceAll('%', '%%');
  return `printf $'${printable}' | nc ${hostname} ${port}`;
}
