import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadCatalog } from '../../server/catalog/load.ts';
import { arrivals } from '../support/arrivals.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type OwnEvent, publishMany } from '../support/publish-many.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Store, stores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const PAST = 2000;
/** The server is killed when so many of them have been made. */
const KILL_AFTER = [1, 700];

const sample = loadCatalog('events.json').types.get('team.created')?.samples[0];
assert.ok(sample);
const { type, data } = sample;

describe('kill -9 in the midst of a replay', { concurrency: true }, () => {
  for (const { name, make } of stores)
    it(`again and again: on ${name} the next process goes on, every event is made once, and all arrive`, async () => {
      const store = await make();
      const receiver = await startReceiver();
      try {
        const path = await beginReplay(store, receiver);
        for (const killAfter of KILL_AFTER) {
          await using program = await startProgram({ DATABASE_URL: store.url });
          let replay = await read(program, path);
          await until(
            async () => {
              replay = await read(program, path);
              return replay.created >= killAfter;
            },
            `${killAfter} deliveries to be made`,
            60_000,
          );
          await program.kill();
          assert.equal(replay.state, 'running', 'the kill came after the end');
        }
        await using program = await startProgram({ DATABASE_URL: store.url });
        const arrived = arrivals(receiver);
        await until(() => arrived().size === PAST, 'all of them to arrive', 90_000);
        await until(async () => (await read(program, path)).deliveries.delivered === PAST, 'all to settle', 60_000);
        const { state, matched, created } = await read(program, path);
        assert.deepEqual([state, matched, created], ['done', PAST, PAST]);
      } finally {
        await receiver.close();
        await store.remove();
      }
    });
});

/** Publishes the past, then makes an endpoint and asks for all of it; answers with the path of the replay. */
async function beginReplay(store: Store, receiver: Receiver): Promise<string> {
  await using program = await startProgram({ DATABASE_URL: store.url });
  const events = Array.from({ length: PAST }, (_, index): OwnEvent => ({ id: `own-${index}`, type, data }));
  const publishing = publishMany(program.url, events);
  await publishing.done;
  assert.equal(publishing.answered.size, PAST);
  const body = { url: receiver.url, events: ['*'] };
  const endpoint = await program.call('POST', '/v1/webhook-endpoints', { body });
  const path = `/v1/webhook-endpoints/${endpoint.json.data.id}/replays`;
  const replay = await program.call('POST', path, { body: { since: new Date(Date.now() - 600_000).toISOString() } });
  assert.equal(replay.status, 202, replay.text);
  return `${path}/${replay.json.data.id}`;
}

async function read(program: Program, path: string) {
  return (await program.call('GET', path)).json.data;
}
