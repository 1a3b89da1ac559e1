import type { RequestListener, Server, ServerOptions } from 'node:http';
import { answerClientError } from './client-error.ts';
import { createServer } from './node-http.ts';

/** An idle connection is kept for longer than usual proxies keep theirs (60 s): a request must not meet its closing. */
const KEEP_ALIVE_MS = 75_000;

/** The HTTP server, which hands to `answer` whatever is a request. */
export function createHttpServer(
  answer: RequestListener,
  messages: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>,
): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, ...messages }, answer);
  server.on('clientError', answerClientError);
  // An expectation that Node does not know: it would answer 417 without a body.
  server.on('checkExpectation', answer);
  return server;
}
