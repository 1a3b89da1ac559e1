import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../server/config.ts';

const retentionOf = (env: Record<string, string>) => {
  const { retentionDays, payloadRetentionDays } = readConfig(env, ['standard']);
  return [retentionDays, payloadRetentionDays];
};

test('payloads are kept as long as events unless they are to go sooner', () => {
  assert.deepEqual(retentionOf({}), [30, 30]);
  assert.deepEqual(retentionOf({ HOOKLOOM_RETENTION_DAYS: '90' }), [90, 90]);
  assert.deepEqual(retentionOf({ HOOKLOOM_RETENTION_DAYS: '90', HOOKLOOM_RETENTION_PAYLOAD_DAYS: '7' }), [90, 7]);
});

test('a retention that is no number of days, or keeps payloads longer than their events, is refused', () => {
  for (const [days, payloadDays, pattern] of [
    ['0', '', /HOOKLOOM_RETENTION_DAYS is "0"; it must be a whole number of days from 1 to 9999/],
    ['-1', '', /HOOKLOOM_RETENTION_DAYS is "-1"/],
    ['1.5', '', /HOOKLOOM_RETENTION_DAYS is "1.5"/],
    ['7', 'a week', /HOOKLOOM_RETENTION_PAYLOAD_DAYS is "a week"/],
    ['7', '8', /HOOKLOOM_RETENTION_PAYLOAD_DAYS is 8, but .* HOOKLOOM_RETENTION_DAYS, 7/],
  ] as const)
    assert.throws(
      () => retentionOf({ HOOKLOOM_RETENTION_DAYS: days, HOOKLOOM_RETENTION_PAYLOAD_DAYS: payloadDays }),
      (error) => error instanceof ConfigError && pattern.test(error.message),
    );
});
