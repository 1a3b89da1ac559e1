import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { OPERATOR_TOKEN } from '../../http/api.ts';
import type { Program } from '../../support/program.ts';
import { listDeliveries, readDelivery } from '../deliveries.ts';
import { BOTH, type Scenario } from '../scenario.ts';
import { EVENT } from '../stage.ts';

const MOST_BODY_BYTES = 1024 * 1024;
const KEPT_REPLY_BYTES = 4096;
const MOST_GROWTH_MB = 50;
/** What a receiver may have sent, the buffers of both sockets included, before the program hangs up. */
const MOST_REPLY_BYTES = 32 * 1024 * 1024;

/** Bodies and replies at and beyond what is taken. */
export const heavyBodies: Scenario = {
  number: 10,
  fault: 'body limit +-1 byte, 1 GB reply, gzip bomb, invalid UTF-8',
  passes: '413/415/400; memory +50 MB at most; stored reply capped at 4 KB',
  stores: BOTH,
  async play({ stage, scale }) {
    const program = await stage.start();
    const kept = await stage.watch(program, '/ok/kept');
    // What the engine compiles and caches at first is not the fault's.
    await (await stage.publish([program.url], { prefix: 'warm', count: scale === 'full' ? 500 : 200 })).done;
    for (let index = 0; index < 4; index += 1)
      assert.equal((await publish(program, bodyOf(`warm-large-${index}`, MOST_BODY_BYTES))).status, 202);
    await stage.settle(program);
    const memory = watchMemory(program.pid);

    const large = [
      ['large-below', MOST_BODY_BYTES - 1, 202, undefined],
      ['large-limit', MOST_BODY_BYTES, 202, undefined],
      ['large-beyond', MOST_BODY_BYTES + 1, 413, 'body_too_large'],
    ] as const;
    for (const [id, bytes, status, code] of large) {
      const answer = await publish(program, bodyOf(id, bytes));
      assert.deepEqual([answer.status, answer.code], [status, code], id);
    }
    const endless = await publish(program, bodyOf('large-chunked', 64 * MOST_BODY_BYTES), { isChunked: true });
    assert.deepEqual([endless.status, endless.code], [413, 'body_too_large']);
    const zipped = gzipSync(bodyOf('zipped', 256 * MOST_BODY_BYTES));
    const bomb = await publish(program, zipped, { headers: { 'content-encoding': 'gzip' } });
    assert.deepEqual([bomb.status, bomb.code], [415, 'unsupported_media_type']);
    const notUtf8 = await publish(program, Buffer.concat([bodyOf('not-utf8', 300), Buffer.from([0xff, 0xfe])]));
    assert.deepEqual([notUtf8.status, notUtf8.code], [400, 'malformed_json']);
    await stage.settle(program);
    const arrived = new Map(stage.receipts().map((receipt) => [receipt.id, receipt.body.length]));
    assert.deepEqual(
      large.map(([id]) => (arrived.get(id) ?? 0) > MOST_BODY_BYTES / 2),
      [true, true, false],
    );
    await stage.unwatch(program, kept);

    const heavy = ['/flood/reply', '/bomb/reply'];
    for (const path of heavy) await stage.watch(program, path);
    await (await stage.publish([program.url], { prefix: 'heavy', count: 10 })).done;
    await stage.settle(program);
    for (const endpoint of stage.endpoints.filter(({ path }) => heavy.includes(path)))
      for (const { id } of await listDeliveries(program.call, `endpoint_id=${endpoint.id}`)) {
        const { attempts, status } = await readDelivery(program.call, id);
        assert.equal(status, 'delivered');
        const stored = Buffer.byteLength(attempts[0]?.reply_body ?? '');
        // What is not UTF-8, as a compressed reply, grows when it is kept as text.
        assert.ok(stored > 0 && stored <= 3 * KEPT_REPLY_BYTES, `${stored} bytes of a reply are stored`);
        if (endpoint.path === heavy[0]) assert.ok(stored <= KEPT_REPLY_BYTES, `${stored} bytes of a reply are stored`);
      }
    const grown = memory.stop();
    const poured = Math.max(...stage.receipts().map((receipt) => receipt.closed?.bytes ?? 0));
    assert.ok(poured < MOST_REPLY_BYTES, `the program took ${poured} bytes of a reply`);
    if (grown !== null) assert.ok(grown <= MOST_GROWTH_MB, `memory grew by ${grown} MB`);
    return `memory +${grown ?? '?'} MB, a 1 GB reply hung up on after ${(poured / 1e6).toFixed(1)} MB sent, the rest refused`;
  },
};

/** A publish of exactly so many bytes. */
function bodyOf(id: string, bytes: number): Buffer {
  const { team } = EVENT.data as { team: object };
  const of = (name: string): string => JSON.stringify({ id, type: EVENT.type, data: { team: { ...team, name } } });
  return Buffer.from(of('x'.repeat(Math.max(bytes - Buffer.byteLength(of('')), 0))));
}

interface Answer {
  status: number;
  code: string | undefined;
}

/** Publishes bytes as they are. A server that answers before it has read them all is heard too. */
function publish(
  { url }: Program,
  body: Buffer,
  { headers = {}, isChunked = false }: { headers?: Record<string, string>; isChunked?: boolean } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = isChunked ? {} : { 'content-length': String(body.length) };
    const sending = request(
      `${url}/v1/webhook-events`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${OPERATOR_TOKEN}`,
          'content-type': 'application/json',
          ...length,
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, code: (JSON.parse(text) as { code?: string }).code });
          sending.destroy();
        });
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Follows a process's resident memory; `stop` tells by how many MB it grew at most, or null where the system does not say. */
function watchMemory(pid: number): { stop(): number | null } {
  const read = (): number | null => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    } catch {
      return null;
    }
  };
  const before = read();
  let most = before ?? 0;
  const timer = setInterval(() => {
    most = Math.max(most, read() ?? 0);
  }, 10);
  return {
    stop() {
      clearInterval(timer);
      return before === null ? null : Math.round(most - before);
    },
  };
}
