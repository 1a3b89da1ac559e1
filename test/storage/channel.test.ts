import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openChannel } from '../../server/storage/postgres-channel.ts';
import { postgresStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

test('messages sent at once all arrive, in their order, and the driver has nothing to warn of', async () => {
  const store = await postgresStore();
  const warnings: string[] = [];
  const warn = ({ message }: Error): void => {
    warnings.push(message);
  };
  process.on('warning', warn);
  const heard: string[] = [];
  const channel = await openChannel(store.url, (payload) => heard.push(payload), {
    warn: (_, message) => warnings.push(message),
  });
  const sent = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  await Promise.all(sent.map((payload) => channel.notify(payload)));
  await until(() => heard.length === sent.length, 'every message');
  await channel.close();
  process.off('warning', warn);
  await store.remove();
  assert.deepEqual(heard, sent);
  assert.deepEqual(warnings, []);
});
