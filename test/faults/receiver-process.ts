/**
 * A receiver in a process of its own, with a ledger: `node receiver-process.ts <ledger> [port] [host]`. How it answers is in the
 * path of each request: `/<behaviour>-<argument>/<anything>`, see behaviours.ts.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBehaviours } from './behaviours.ts';
import { openLedger, type ReceiverEntry } from './ledger.ts';

const [ledgerPath = '', port = '0', host = 'here'] = process.argv.slice(2);
const ledger = openLedger<ReceiverEntry>(ledgerPath);
const behave = createBehaviours();
let count = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    count += 1;
    const name = `${process.pid}-${count}`;
    const path = request.url ?? '';
    const headers = request.headers as Record<string, string>;
    const body = Buffer.concat(chunks).toString('utf8');
    ledger.write({ entry: 'request', request: name, at: Date.now(), host, path, headers, body });
    const before = response.socket?.bytesWritten ?? 0;
    const { socket } = response;
    response.on('close', () => {
      const bytes = (socket?.bytesWritten ?? 0) - before;
      ledger.write({ entry: 'closed', request: name, at: Date.now(), bytes });
    });
    behave({ path, headers, id: headers['webhook-id'] ?? headers['mp-event-id'] ?? '' }, response, (status) =>
      ledger.write({ entry: 'answer', request: name, at: Date.now(), status }),
    );
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), '127.0.0.1', 4096, () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit());
