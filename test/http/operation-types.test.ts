/** Proved by the type check: each `@ts-expect-error` fails to compile the day its line is accepted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, Operation, Operations } from '../../server/http/operation.ts';

const health: Operation<'getHealth'> = async () => ({ status: 200, body: { status: 'ok', version: '1' } });
const gone: Operation<'deleteEndpoint'> = async () => ({ status: 204 });

// @ts-expect-error a status that the contract does not have
const wrongStatus: Operation<'getHealth'> = async () => ({ status: 201, body: { status: 'ok', version: '1' } });
// @ts-expect-error a body that lacks a field
const missingField: Operation<'getHealth'> = async () => ({ status: 200, body: { status: 'ok' } });
// @ts-expect-error a field of another type
const wrongType: Operation<'getHealth'> = async () => ({ status: 200, body: { status: 'ok', version: 1 } });
// @ts-expect-error no body where there must be one
const noBody: Operation<'getHealth'> = async () => ({ status: 200 });
// @ts-expect-error a body where there is none
const bodyAt204: Operation<'deleteEndpoint'> = async () => ({ status: 204, body: {} });
// @ts-expect-error text that does not say what it is the JSON of
const bareText: Operation<'getHealth'> = async () => ({ status: 200, body: '{}' });
// @ts-expect-error text that is the JSON of something else
const otherText: Operation<'getHealth'> = async () => ({ status: 200, body: '{}' as Json<{ other: true }> });
// @ts-expect-error a public operation has no caller
const publicCaller: Operation<'getHealth'> = async ({ caller }) => ({ status: 200, body: caller.teamId });
// @ts-expect-error a parameter that the operation does not have
const noSuchQuery: Operation<'listHooks'> = async ({ query }) => Promise.reject(query.state);
// @ts-expect-error a missing operation
const missingOperation: Operations = { getHealth: health };

test('an operation that the contract does not allow does not compile', async () => {
  assert.equal((await gone({} as never)).status, 204);
  const wrong = [
    wrongStatus,
    missingField,
    wrongType,
    noBody,
    bodyAt204,
    bareText,
    otherText,
    publicCaller,
    noSuchQuery,
  ];
  assert.equal(wrong.length, 9);
  assert.ok(missingOperation);
});
