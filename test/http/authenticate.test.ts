import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../server/problem.ts';
import type { Database } from '../../server/storage/database.ts';
import { deleteToken, insertToken } from '../../server/storage/tokens.ts';
import { createAuthentication } from '../../server/token/authenticate.ts';
import { seal, unseal } from '../../server/token/seal.ts';
import { hashToken, newToken } from '../../server/token/token-text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openMigrated, sqliteStore } from '../support/stores.ts';

const FRESH = { mode: 'live', projects: null, created_at: 0, expires_at: null, last_used_at: null } as const;

async function withToken(work: (db: Database, text: string) => Promise<void>): Promise<void> {
  const store = await sqliteStore();
  const db = await openMigrated(store);
  const text = newToken('live');
  const row = { id: 'tok_1', team_id: 'default', name: 'x', hash: hashToken(text), abilities: '["team:view"]' };
  await db.transaction((tx) => insertToken(tx, { ...row, ...FRESH }));
  try {
    await work(db, text);
  } finally {
    await db.close();
    await store.remove();
  }
}

const unknown = (error: unknown) => error instanceof Problem && error.status === 401 && error.code === 'token_unknown';

test('a token revoked elsewhere is taken for 5 s at most, then answers 401 token_unknown', () =>
  withToken(async (db, text) => {
    const clock = new FakeClock();
    const { authenticate } = createAuthentication({ db, clock, operatorTokenHash: null });
    assert.equal((await authenticate(`Bearer ${text}`)).teamId, 'default');
    await db.transaction((tx) => deleteToken(tx, 'default', 'tok_1'));
    await clock.advance(4999);
    assert.equal((await authenticate(`Bearer ${text}`)).tokenId, 'tok_1');
    await clock.advance(1);
    await assert.rejects(authenticate(`Bearer ${text}`), unknown);
  }));

test('a token revoked while it is being looked up is not remembered', () =>
  withToken(async (db, text) => {
    const { authenticate, forget } = createAuthentication({ db, clock: new FakeClock(), operatorTokenHash: null });
    const looking = authenticate(`Bearer ${text}`);
    const hash = await db.transaction((tx) => deleteToken(tx, 'default', 'tok_1'));
    forget(hash ?? '');
    await looking.catch(() => undefined);
    await assert.rejects(authenticate(`Bearer ${text}`), unknown);
  }));

test('a token is known as soon as it is made, also when it was refused a moment before', () =>
  withToken(async (db) => {
    const { authenticate } = createAuthentication({ db, clock: new FakeClock(), operatorTokenHash: null });
    const text = newToken('live');
    await assert.rejects(authenticate(`bearer ${text}`), unknown);
    const row = { id: 'tok_2', team_id: null, name: 'operator', hash: hashToken(text), abilities: '[]', ...FRESH };
    await db.transaction((tx) => insertToken(tx, row));
    const caller = await authenticate(`bearer ${text}`);
    assert.ok(caller.isOperator);
    assert.ok(caller.abilities.has('webhook-event:publish'));
  }));

test('a sealed reply opens with the token and the purpose that it was sealed with, and with no other', () => {
  const sealed = seal('{"secret":"whsec_x"}', 'hkl_a', 'default createEndpoint k1');
  assert.ok(!sealed.includes('whsec'));
  assert.equal(unseal(sealed, 'hkl_a', 'default createEndpoint k1'), '{"secret":"whsec_x"}');
  assert.equal(unseal(sealed, 'hkl_b', 'default createEndpoint k1'), null);
  assert.equal(unseal(sealed, 'hkl_a', 'default createEndpoint k2'), null);
});
