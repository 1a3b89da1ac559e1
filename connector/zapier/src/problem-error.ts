import type { HttpResponse, ZObject } from 'zapier-platform-core';
import { isObject } from './resolve-schema.ts';

const DEFAULT_DELAY_SECONDS = 60;

/**
 * The error that Zapier has for an error reply (RFC 9457 problem+json): 401 asks the user to connect again, 429 is
 * tried later, and anything else says the server's own words, which tell what to do.
 */
export function problemError(response: HttpResponse, z: ZObject): Error {
  const { code, message } = problemOf(response);
  if (response.status === 401) return new z.errors.ExpiredAuthError(message);
  if (response.status === 429) return new z.errors.ThrottledError(message, delayOf(response));
  return new z.errors.Error(message, code, response.status);
}

function problemOf(response: HttpResponse): { code: string; message: string } {
  const unknown = {
    code: `http_${response.status}`,
    message: `The server answered with HTTP status ${response.status}.`,
  };
  let problem: unknown;
  try {
    problem = JSON.parse(response.content);
  } catch {
    return unknown;
  }
  if (!isObject(problem) || typeof problem.detail !== 'string') return unknown;
  const faults = Array.isArray(problem.errors) ? problem.errors.filter(isObject) : [];
  return {
    code: typeof problem.code === 'string' ? problem.code : unknown.code,
    message: [problem.detail, ...faults.map((fault) => `${fault.pointer}: ${fault.message}`)].join('\n'),
  };
}

/** Seconds to wait, from `Retry-After` in either of its forms. */
function delayOf(response: HttpResponse): number {
  const header = response.getHeader('retry-after') ?? '';
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_DELAY_SECONDS;
}
