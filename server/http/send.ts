import type { ServerResponse } from 'node:http';
import { freeBytes } from '../free-bytes.ts';
import type { Problem } from '../problem.ts';
import { SECURE_HEADERS } from './secure-headers.ts';

/** A reply ready to be written: its body is text or bytes, or there is none. */
export interface WireReply {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
  /** The body's bytes are this reply's alone: they are freed when it has been written. */
  ownsBody?: boolean;
}

/** The reply of a problem: RFC 9457. */
export function problemReply(problem: Problem, requestId: string): WireReply {
  return {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', ...problem.headers },
    body: problemText(problem, requestId),
  };
}

/** A problem as JSON text: RFC 9457. */
export function problemText({ status, code, message, errors }: Problem, requestId: string): string {
  const words = code.replaceAll('_', ' ');
  return JSON.stringify({
    type: `urn:hookloom:problem:${code}`,
    title: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    status,
    code,
    detail: message,
    request_id: requestId,
    ...(errors === undefined ? {} : { errors }),
  });
}

/** Writes a reply. Bodies are text already, so that Express's `res.json` would have nothing to do. */
export function send(response: ServerResponse, reply: WireReply, requestId: string): void {
  const headers: Record<string, string | number> = { ...SECURE_HEADERS, ...reply.headers, 'Request-Id': requestId };
  if (reply.body === undefined) {
    response.writeHead(reply.status, headers);
    response.end();
    return;
  }
  headers['Content-Length'] = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, headers);
  const { body, ownsBody } = reply;
  if (ownsBody && typeof body !== 'string') response.end(body, () => freeBytes(body));
  else response.end(body);
}
