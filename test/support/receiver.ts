import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.ts';

/** A request that a receiver got. */
export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** The parsed body. */
  json: { id: string; type: string; data: unknown } & Record<string, unknown>;
  at: number;
}

/** Answers a request; the default is 204. To hang, never end the response. */
export type Answer = (request: Received, response: ServerResponse) => void;

export interface Receiver extends AsyncDisposable {
  url: string;
  received: Received[];
  /** How requests are answered from now on. */
  answer: Answer;
  /** Resolves when at least `count` requests have come. */
  waitFor(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** A real HTTP receiver on a free port of this machine. */
export async function startReceiver(
  answer: Answer = (_, response) => response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const one: Received = {
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body,
        json: JSON.parse(body || 'null') as Received['json'],
        at: Date.now(),
      };
      received.push(one);
      receiver.answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    answer,
    async waitFor(count) {
      await until(() => received.length >= count, `${count} requests at the receiver (${received.length} came)`);
      return received;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return receiver;
}
