import assert from 'node:assert/strict';
import { type Receipt, verifies } from '../receipts.ts';
import { BOTH, type Scenario } from '../scenario.ts';

const VALID_FOR_S = 600;
/** Another process may sign with what it read half a second ago. */
const KNOWN_AFTER_MS = 1500;

/** The secret changes while events flow. */
export const rotation: Scenario = {
  number: 15,
  fault: 'secret rotated mid-stream',
  passes: 'every message verifies with one of the two',
  stores: BOTH,
  async play({ stage, store, scale }) {
    const rotations = scale === 'full' ? 3 : 1;
    const program = await stage.start();
    // The rotation is asked of one process, while both send.
    const programs = store === 'SQLite' ? [program] : [program, await stage.start()];
    const endpoint = await stage.watch(program, '/ok/kept');
    const rotatedAt: number[] = [];
    const urls = programs.map(({ url }) => url);
    const publishing = await stage.publish(urls, { perSecond: 200 });
    for (let rotation = 0; rotation < rotations; rotation += 1) {
      await stage.received(stage.receipts().length + 200);
      const answer = await program.call('POST', `/v1/webhook-endpoints/${endpoint.id}/rotate-secret`, {
        body: { old_secret_valid_for: VALID_FOR_S },
      });
      assert.equal(answer.status, 200, answer.text);
      rotatedAt.push(Date.now());
      endpoint.secrets.push(answer.json.secret);
      await stage.received(stage.receipts().length + 400);
      // Those come sooner when some had to wait: on, until the new secret is known everywhere.
      while ((stage.receipts().at(-1)?.at ?? 0) <= (rotatedAt.at(-1) ?? 0) + KNOWN_AFTER_MS)
        await stage.received(stage.receipts().length + 1);
    }
    publishing.stop();
    await publishing.done;
    await stage.settle(program);
    const { answered } = await stage.verdict(program);
    for (const [generation, at] of rotatedAt.entries()) {
      const [old = '', fresh = ''] = endpoint.secrets.slice(generation);
      const until = rotatedAt[generation + 1] ?? Number.POSITIVE_INFINITY;
      const between = stage.receipts().filter((receipt) => receipt.at >= at && receipt.at < until);
      // The receiver may hold either: the old one while it is valid, the new one as soon as it is known everywhere.
      assertVerifies(between, old, 'the old secret');
      const known = between.filter((receipt) => receipt.at > at + KNOWN_AFTER_MS);
      assert.ok(known.length > 0, 'messages after a rotation');
      assertVerifies(known, fresh, 'the new secret');
    }
    return `${rotations} rotations, ${answered} events, every message verifies`;
  },
};

function assertVerifies(receipts: readonly Receipt[], secret: string, which: string): void {
  const others = receipts.filter((receipt) => !verifies(receipt, secret));
  assert.deepEqual(
    others.map(({ id }) => id),
    [],
    `messages that do not verify with ${which}`,
  );
}
