/** A receiver in a process of its own: counts what arrives and tells its parent when as many came as asked for. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let count = 0;
let wanted = Number.POSITIVE_INFINITY;

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(204).end();
    count += 1;
    if (count === wanted) process.send?.({ done: Date.now() });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', 4096, () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', (message: { expect: number }) => {
  count = 0;
  wanted = message.expect;
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit());
