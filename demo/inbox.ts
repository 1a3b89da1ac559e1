import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A delivery as it arrived. */
export interface Receipt {
  headers: IncomingHttpHeaders;
  /** The raw body: a signature is over these very bytes. */
  body: string;
  /** `performance.now()` when its last byte was there. */
  at: number;
}

/** A receiver on a free port that keeps what each path got. */
export interface Inbox {
  url: string;
  /** Everything that a path has got so far. */
  of(path: string): readonly Receipt[];
  /** The first delivery to a path; undefined when none has come within `ms`. */
  first(path: string, ms: number): Promise<Receipt | undefined>;
  close(): void;
}

/** Starts a receiver that answers every delivery with 204. */
export async function openInbox(): Promise<Inbox> {
  const receipts = new Map<string, Receipt[]>();
  const waiting = new Map<string, (receipt: Receipt) => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '/';
      const receipt = {
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        at: performance.now(),
      };
      receipts.set(path, [...(receipts.get(path) ?? []), receipt]);
      waiting.get(path)?.(receipt);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of: (path) => receipts.get(path) ?? [],
    async first(path, ms) {
      const there = receipts.get(path)?.[0];
      if (there !== undefined) return there;
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, ms, undefined);
        waiting.set(path, (receipt) => {
          clearTimeout(timer);
          resolve(receipt);
        });
      });
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
