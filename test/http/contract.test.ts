import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { replyFault } from '../../server/http/check-reply.ts';
import { compileContract } from '../../server/http/compile-contract.ts';
import {
  contractOperations,
  type ParameterObject,
  readContract,
  resolve,
  type SchemaObject,
} from '../../server/http/contract.ts';
import { PROBLEM_CODES } from '../../server/problem.ts';
import { ABILITIES } from '../../server/token/abilities.ts';

/** What a schema says of sizes. */
interface Bounds extends SchemaObject {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  oneOf?: Bounds[];
  anyOf?: Bounds[];
  additionalProperties?: boolean | Bounds;
}

const contract = readContract();
const operations = contractOperations(contract);
const compiled = compileContract(contract);

test('the contract has exactly the operations that are built', () => {
  const routes = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();
  assert.deepEqual(routes, [
    'DELETE /v1/tokens/{id}',
    'DELETE /v1/webhook-endpoints/{id}',
    'DELETE /v1/webhook-subscriptions/{id}',
    'GET /healthz',
    'GET /metrics',
    'GET /openapi.json',
    'GET /readyz',
    'GET /v1/audit-log',
    'GET /v1/event-types',
    'GET /v1/event-types/{name}',
    'GET /v1/event-types/{name}/samples',
    'GET /v1/event-types/{name}/schema',
    'GET /v1/teams/current',
    'GET /v1/tokens',
    'GET /v1/webhook-deliveries',
    'GET /v1/webhook-deliveries/{id}',
    'GET /v1/webhook-endpoints',
    'GET /v1/webhook-endpoints/{id}',
    'GET /v1/webhook-endpoints/{id}/replays',
    'GET /v1/webhook-endpoints/{id}/replays/{replay_id}',
    'GET /v1/webhook-events',
    'GET /v1/webhook-events/{id}',
    'GET /v1/webhook-subscriptions',
    'GET /webhook-events.json',
    'PATCH /v1/webhook-endpoints/{id}',
    'POST /v1/erasures',
    'POST /v1/keys/rotate',
    'POST /v1/teams',
    'POST /v1/tokens',
    'POST /v1/webhook-deliveries/retry',
    'POST /v1/webhook-deliveries/{id}/retry',
    'POST /v1/webhook-endpoints',
    'POST /v1/webhook-endpoints/{id}/replays',
    'POST /v1/webhook-endpoints/{id}/replays/{replay_id}/cancel',
    'POST /v1/webhook-endpoints/{id}/rotate-secret',
    'POST /v1/webhook-endpoints/{id}/test',
    'POST /v1/webhook-events',
    'POST /v1/webhook-events/batch',
    'POST /v1/webhook-events/{id}/deliver',
    'POST /v1/webhook-subscriptions',
  ]);
});

test('every operation has a file of its name, and there is no other', () => {
  const files = readdirSync(new URL('../../server/http/operations/', import.meta.url));
  const expected = [...operations.map(({ id }) => `${id}.ts`), 'index.ts'];
  assert.deepEqual(files.sort(), expected.sort());
});

test('every operation that needs an ability names one there is, and can answer 401 and 403; a public one can do neither', () => {
  for (const { id, ability, object } of operations) {
    if (ability !== null) assert.ok(['operator', 'metrics', ...ABILITIES].includes(ability), `${id}: ${ability}`);
    assert.equal('401' in object.responses, ability !== null, id);
    assert.equal('403' in object.responses, ability !== null, id);
  }
});

test('every mutation but DELETE takes an Idempotency-Key', () => {
  for (const operation of compiled) {
    // A rotation of the master key can be repeated as it is: what was sealed anew is passed over.
    const isMutation = operation.method === 'post' || operation.method === 'patch';
    const expected = isMutation && operation.id !== 'rotateMasterKey';
    assert.equal(operation.inHeaders.names.includes('Idempotency-Key'), expected, operation.id);
  }
});

test('whatever a caller may send is bounded', () => {
  const unbounded: string[] = [];
  const look = (given: SchemaObject, at: string): void => {
    const schema = resolve<Bounds>(contract, given, '#').object as Bounds;
    const types = [schema.type ?? []].flat();
    const isClosed = schema.enum !== undefined || schema.const !== undefined;
    const lacks = (...names: (keyof Bounds)[]) => !isClosed && names.some((name) => schema[name] === undefined);
    // A date has a length; so has what a pattern without endless repetition allows. Parameters share the 16 KB of all headers.
    const isShort = schema.format === 'date-time' || /^\^[^+*]*\$$/.test(schema.pattern ?? '') || at.includes(' ');
    if (types.includes('string') && !isShort && lacks('maxLength')) unbounded.push(at);
    if (types.includes('integer') && lacks('minimum', 'maximum')) unbounded.push(at);
    if (types.includes('array') && lacks('maxItems')) unbounded.push(at);
    for (const [name, one] of Object.entries(schema.properties ?? {})) look(one, `${at}/${name}`);
    for (const one of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) look(one, at);
    if (schema.items !== undefined) look(schema.items, `${at}/*`);
    if (typeof schema.additionalProperties === 'object') look(schema.additionalProperties, `${at}/…`);
  };
  for (const { id, object } of operations) {
    for (const one of object.parameters ?? []) {
      const { name, schema, content } = resolve<ParameterObject>(contract, one, '#').object;
      look(schema ?? content?.['application/json'].schema ?? {}, `${id} ${name}`);
    }
    const body = object.requestBody?.content['application/json'].schema;
    if (body !== undefined) look(body, id);
  }
  assert.deepEqual(unbounded, []);
});

test('every schema compiles, though the server does that only when it is first used', () => {
  for (const { inPath, inQuery, inHeaders, body, responses } of compiled) {
    const validators = [inPath, inQuery, inHeaders, body, body?.items, ...responses.values()];
    for (const one of validators) one?.validate({});
  }
});

test('a reply with an undeclared status, a missing field or an unknown field breaks the contract', () => {
  const health = compiled.find(({ id }) => id === 'getHealth');
  assert.ok(health);
  const reply = (status: number, body: object | undefined) =>
    replyFault(health, { status, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  assert.equal(reply(200, { status: 'ok', version: '1' }), null);
  assert.match(reply(418, { status: 'ok', version: '1' }) ?? '', /must not answer 418/);
  assert.match(reply(200, { status: 'ok' }) ?? '', /version/);
  assert.match(reply(200, { status: 'ok', version: '1', more: 1 }) ?? '', /additional/);
  assert.match(reply(200, undefined) ?? '', /must have a body/);
});

test('every code that the server can answer stands in the contract, once as a code and once where it is described', () => {
  // One code is of tests alone.
  const codes = PROBLEM_CODES.filter((code) => code !== 'response_contract_violation');
  const text = readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8');
  const { components } = load(text) as { components: { schemas: { Problem: { properties: { code: Bounds } } } } };
  assert.deepEqual(components.schemas.Problem.properties.code.enum, codes);
  assert.deepEqual(
    codes.filter((code) => !text.includes(`\`${code}\``)),
    [],
  );
});
