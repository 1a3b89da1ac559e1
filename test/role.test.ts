import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../server/config.ts';

const POSTGRES = { DATABASE_URL: 'postgres://hookloom@127.0.0.1:5432/hookloom' };
const SQLITE = { DATABASE_URL: 'sqlite:data/hookloom.db' };

const roleOf = (env: Record<string, string>, ...args: string[]) => readConfig(env, ['standard'], args).role;

test('a process does everything unless the environment says otherwise, and the argument has the last word', () => {
  assert.equal(roleOf(SQLITE), 'all');
  assert.equal(roleOf({ ...POSTGRES, HOOKLOOM_ROLE: 'worker' }), 'worker');
  assert.equal(roleOf({ ...POSTGRES, HOOKLOOM_ROLE: 'worker' }, '--role', 'api'), 'api');
  assert.equal(roleOf({ ...SQLITE, HOOKLOOM_ROLE: 'worker' }, '--role=all'), 'all');
});

test('a role or an argument that there is not is refused with what there is', () => {
  for (const [env, args, pattern] of [
    [{}, ['--role', 'sender'], /--role is "sender"; it must be one of all, api, worker/],
    [{ HOOKLOOM_ROLE: 'sender' }, [], /HOOKLOOM_ROLE is "sender"; it must be one of all, api, worker/],
    [{}, ['--rôle', 'api'], /"--rôle api"; the only one there is is --role, with one of all, api, worker/],
    [{}, ['api'], /the only one there is is --role/],
    [{}, ['--role'], /the only one there is is --role/],
  ] as const)
    assert.throws(
      () => roleOf({ ...POSTGRES, ...env }, ...args),
      (error) => error instanceof ConfigError && pattern.test(error.message),
    );
});

test('on SQLite, which serves one process, a part of the work alone is refused', () => {
  for (const role of ['api', 'worker'])
    assert.throws(
      () => roleOf(SQLITE, '--role', role),
      new RegExp(`the role is ${role}, .* DATABASE_URL to a PostgreSQL`),
    );
});
