import type { Express, Request, Response } from 'express';
import { freeBytes } from '../free-bytes.ts';
import type { Caller } from '../model.ts';
import { Problem } from '../problem.ts';
import type { Database } from '../storage/database.ts';
import type { ActForTeam } from '../token/act-for-team.ts';
import type { AdmitScraper } from '../token/admit-scraper.ts';
import type { Authentication } from '../token/authenticate.ts';
import type { RateLimits } from '../token/rate-limits.ts';
import { asProblem } from './as-problem.ts';
import { replyFault } from './check-reply.ts';
import type { CompiledBody, CompiledOperation } from './compile-contract.ts';
import type { Log } from './deps.ts';
import { validationFailed } from './faults.ts';
import { onceScope } from './idempotency-key.ts';
import type { Intake } from './intake.ts';
import { keepToProjects } from './keep-to-projects.ts';
import type { AnyOperation, AnyReply, OperationId, Operations } from './operation.ts';
import { type JsonBody, readJsonBody } from './read-body.ts';
import { readHeaders, readPath, readQuery } from './read-parameters.ts';
import { requestId } from './request-id.ts';
import { problemReply, send, type WireReply } from './send.ts';

/** What mounting needs. */
export interface MountParts {
  db: Database;
  authentication: Authentication;
  admitScraper: AdmitScraper;
  actForTeam: ActForTeam;
  rateLimits: RateLimits;
  intake: Intake;
  /** The problem that answers for a path that is not mounted. */
  nothingAt(path: string): Problem;
  log: Log;
  checkResponses: boolean;
}

/**
 * Mounts every operation of the contract: who asks, whether they may, whether the request fits; then the operation; then
 * its reply, or the problem that it threw.
 */
export function mount(
  app: Express,
  contract: readonly CompiledOperation[],
  operations: Operations,
  parts: MountParts,
): void {
  for (const operation of contract) {
    // The types of `operations` hold each one to the contract; by its name alone, any of them may be meant.
    const run = operations[operation.id as OperationId] as unknown as AnyOperation;
    const method = operation.method as 'get' | 'post' | 'patch' | 'delete';
    app[method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), (request, response) => {
      void answer(operation, run, parts, request, response);
    });
  }
  mountOtherMethods(app, contract);
  app.use((request, response) => {
    const id = requestId(request.headers);
    send(response, problemReply(parts.nothingAt(request.path), id), id);
  });
}

/** The paths of the contract refuse the methods that they do not have, and tell those that they do. */
function mountOtherMethods(app: Express, contract: readonly CompiledOperation[]): void {
  for (const [path, operations] of Map.groupBy(contract, (operation) => operation.path)) {
    const methods = operations.map((operation) => operation.method.toUpperCase());
    const Allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    // The documents, which are revalidated by their ETag.
    const isDocument = operations.every(({ ability, object }) => ability === null && '304' in object.responses);
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (request, response) => {
      const id = requestId(request.headers);
      if (request.method === 'OPTIONS') {
        // Public documents may be read by any page; a browser asks first when it sends If-None-Match.
        const cors = {
          'Access-Control-Allow-Origin': '*',
          'Access-Control-Allow-Headers': 'If-None-Match, Request-Id',
        };
        return send(
          response,
          { status: 204, headers: isDocument ? { Allow, ...cors } : { Allow }, body: undefined },
          id,
        );
      }
      const problem = new Problem(405, 'method_not_allowed', `${request.path} takes ${Allow}.`, { headers: { Allow } });
      send(response, problemReply(problem, id), id);
    });
  }
}

async function answer(
  operation: CompiledOperation,
  run: AnyOperation,
  parts: MountParts,
  request: Request,
  response: Response,
): Promise<void> {
  const id = requestId(request.headers);
  let reply: WireReply;
  try {
    reply = await reach(operation, run, parts, request, response, id);
  } catch (error) {
    reply = problemReply(asProblem(error, parts.log, { request_id: id, operation: operation.id }), id);
  }
  if (parts.checkResponses) {
    const fault = replyFault(operation, reply);
    if (fault !== null) {
      parts.log.error({ request_id: id, operation: operation.id, fault }, 'a reply breaks the contract');
      reply = problemReply(new Problem(500, 'response_contract_violation', fault), id);
    }
  }
  parts.log.debug({ request_id: id, operation: operation.id, status: reply.status }, 'replied');
  send(response, reply, id);
}

/** The way of a request to its operation and back. */
async function reach(
  operation: CompiledOperation,
  run: AnyOperation,
  parts: MountParts,
  request: Request,
  response: Response,
  id: string,
): Promise<WireReply> {
  const caller = operation.ability === null ? null : await admit(operation.ability, parts, request);
  const headers = readHeaders(request.headers, operation.inHeaders);
  const left = caller && (await parts.rateLimits.take(caller, operation.object['x-rate-limit'] ?? 'management'));
  const team = caller && (await parts.actForTeam(caller, headers['Team-Id'] as string | undefined));
  const path = readPath(request.params, operation.inPath);
  const acting = team && (await keepToProjects(parts.db, operation, path, team));
  const query = readQuery(request.url, operation.inQuery);
  if (acting && operation.body?.items) {
    const length = request.headers['content-length'];
    response.once('close', await parts.intake.enter(acting.teamId, length === undefined ? undefined : Number(length)));
  }
  const { value, bytes } = operation.body === null ? NO_BODY : await readBody(operation.body, request);
  const once =
    acting &&
    bytes &&
    onceScope(headers['Idempotency-Key'] as string | undefined, {
      teamId: acting.teamId,
      operation: operation.id,
      method: request.method,
      path: request.path,
      body: bytes,
    });
  if (bytes !== undefined) freeBytes(bytes);
  // All of it has just been checked against the schemas from which the types are made. Not awaited here: while it waits for a commit,
  // nothing holds the body's bytes, and what was parsed is the operation's.
  return replied(
    run({
      id,
      path,
      query,
      headers,
      body: value,
      itemFaults: operation.body?.items ? faultsOfItems(operation.body.items, value) : undefined,
      caller: acting,
      once: once ?? undefined,
      origin: () => `${request.protocol}://${request.host}`,
      client: () => ({ ip: request.ip, userAgent: request.get('user-agent') }),
      signal: () => whenHungUp(response),
    }),
    left,
  );
}

/** What is there where an operation takes no body. */
const NO_BODY = { value: undefined, bytes: undefined };

/** Reads a body and checks it against its schema. */
async function readBody({ validate, isRequired, maxBytes }: CompiledBody, request: Request): Promise<JsonBody> {
  const body = await readJsonBody(request, maxBytes);
  if (body.value === undefined) {
    if (isRequired) throw new Problem(400, 'malformed_json', 'There is no body. Send a JSON object.');
    body.value = {};
  }
  if (!validate(body.value)) throw validationFailed(validate.errors ?? [], body.value);
  return body;
}

/** The reply of an operation, with what is left of the rate limit. */
async function replied(reply: Promise<AnyReply>, left: Record<string, string> | null): Promise<WireReply> {
  const wire = asWire(await reply);
  return left === null ? wire : { ...wire, headers: { ...wire.headers, ...left } };
}

/** Checks the items that the check of the body has left out. */
function faultsOfItems({ name, validate }: NonNullable<CompiledBody['items']>, body: unknown): Map<number, Problem> {
  const faults = new Map<number, Problem>();
  (body as Record<string, unknown[]>)[name]?.forEach((item, index) => {
    if (!validate(item)) faults.set(index, validationFailed(validate.errors ?? [], item, `/${name}/${index}`));
  });
  return faults;
}

/** Aborts when the connection ends before the reply does. */
function whenHungUp(response: Response): AbortSignal {
  const hangUp = new AbortController();
  if (response.closed) hangUp.abort();
  response.once('close', () => hangUp.abort());
  return hangUp.signal;
}

async function admit(ability: string, { authentication, admitScraper }: MountParts, request: Request): Promise<Caller> {
  // No token of a team has this ability: metrics tell of all teams.
  if (ability === 'metrics') return admitScraper(request.headers.authorization);
  const caller = await authentication.authenticate(request.headers.authorization);
  if (ability === 'operator' && !caller.isOperator)
    throw new Problem(403, 'operator_only', "Only the operator's token may do this.");
  if (ability !== 'operator' && !caller.abilities.has(ability))
    throw new Problem(403, 'ability_missing', `This token lacks the ability "${ability}". Use a token that has it.`);
  return caller;
}

function asWire(reply: AnyReply): WireReply {
  const { body } = reply;
  if (body === undefined) return { status: reply.status, headers: reply.headers ?? {}, body: undefined };
  return {
    status: reply.status,
    headers: { 'Content-Type': 'application/json', ...reply.headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    ownsBody: reply.ownsBody === true,
  };
}
