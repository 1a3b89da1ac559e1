import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqliteStore } from '../support/stores.ts';
import { fuzz } from './fuzz.ts';

test('whatever is asked: no 5xx, every error a problem with a known code, nothing of another team', async () => {
  const { statuses } = await fuzz(await sqliteStore(), 1_000, 20261125);
  // Had the generator gone blind, all would be refused alike.
  for (const status of [200, 201, 202, 400, 401, 404, 405, 413, 415, 422]) assert.ok(statuses[status], `no ${status}`);
});
