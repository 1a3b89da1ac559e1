import type { IncomingHttpHeaders } from 'node:http';
import { newId } from '../id.ts';

const SANE = /^[A-Za-z0-9._:+/=-]{1,128}$/;

/** The caller's own id for the request (`Request-Id` or `X-Request-Id`) when it is fit for a log line, else a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers['request-id'] ?? headers['x-request-id'];
  return typeof given === 'string' && SANE.test(given) ? given : newId('req');
}
