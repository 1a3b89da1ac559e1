import type { Duplex } from 'node:stream';
import { newId } from '../id.ts';
import { Problem } from '../problem.ts';
import { STATUS_CODES } from './node-http.ts';
import { SECURE_HEADERS } from './secure-headers.ts';
import { problemReply } from './send.ts';

const PROBLEMS: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: new Problem(
    431,
    'headers_too_large',
    'The headers are larger than 16 KB. Send fewer or shorter ones.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'request_timeout', 'The request did not arrive in time. Send it again.'),
};
const MALFORMED = new Problem(400, 'malformed_request', 'This is not a valid HTTP/1.1 request.');

/** Answers what never became a request (malformed HTTP, headers too large, too slow) like everything else: as a problem. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const id = newId('req');
  const { status, headers, body = '' } = problemReply(PROBLEMS[error.code ?? ''] ?? MALFORMED, id);
  const all = {
    ...SECURE_HEADERS,
    ...headers,
    'Request-Id': id,
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
