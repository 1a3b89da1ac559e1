import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { CONNECT_TIMEOUT_MS } from './guarded-connect.ts';
import { inTurns } from './in-turns.ts';
import type { SendResult } from './send-result.ts';

const MOST_REPLY_BYTES = 64 * 1024;
const KEPT_REPLY_BYTES = 4 * 1024;
const MOST_HEADER_VALUE = 1024;

/** Gathers one reply and settles once, whatever comes first: its end, an error, the deadline. */
export class Reply implements Dispatcher.DispatchHandler {
  readonly #started = performance.now();
  readonly #resolve: (result: SendResult) => void;
  readonly #cancelDeadline: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | null = null;
  #headers: Record<string, string> | null = null;
  #kept: Buffer[] = [];
  #received = 0;
  #isDone = false;

  constructor(clock: Clock, timeoutMs: number, resolve: (result: SendResult) => void) {
    this.#resolve = resolve;
    this.#cancelDeadline = clock.after(timeoutMs, () =>
      inTurns(() => {
        // It ended while this waited for its turn.
        if (this.#isDone) return;
        this.#finish(`no complete reply within ${timeoutMs} ms`, true);
        this.#controller?.abort(new Error('deadline'));
      }),
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The deadline passed while the request waited for a connection.
    if (this.#isDone) controller.abort(new Error('deadline'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = {};
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.#headers[name] = String(value).slice(0, MOST_HEADER_VALUE);
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#received < KEPT_REPLY_BYTES) this.#kept.push(chunk.subarray(0, KEPT_REPLY_BYTES - this.#received));
    this.#received += chunk.length;
    if (this.#received > MOST_REPLY_BYTES) {
      // The status is what counts; nobody needs the rest.
      this.#finish(null, false);
      controller.abort(new Error('the reply is too long'));
    }
  }

  onResponseEnd(): void {
    const isRedirect = this.#status !== null && this.#status >= 300 && this.#status < 400;
    this.#finish(isRedirect ? 'redirects are not followed: give the endpoint the URL that it leads to' : null, false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    // Those to many hosts that cannot be reached come at the same moment, too.
    if ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT') inTurns(() => this.#finish(describe(error), true));
    else this.#finish(describe(error), false);
  }

  #finish(error: string | null, timedOut: boolean): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#cancelDeadline();
    this.#resolve({
      status: this.#status,
      error,
      timedOut,
      durationMs: Math.round(performance.now() - this.#started),
      replyHeaders: this.#headers === null ? null : JSON.stringify(this.#headers),
      retryAfter: this.#headers?.['retry-after'] ?? null,
      replyBody: this.#status === null ? null : Buffer.concat(this.#kept).toString('utf8').replaceAll('\0', ''),
    });
  }
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was reset by the receiver',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: `no connection within ${CONNECT_TIMEOUT_MS} ms`,
  UND_ERR_SOCKET: 'the connection broke off before the reply was complete',
  CERT_HAS_EXPIRED: "the receiver's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the receiver's certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "the receiver's certificate is for another host name",
};

/** An error in words for the endpoint's owner, with its code for the engineer. */
function describe(error: Error): string {
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : error;
  const code = 'code' in first ? String(first.code) : '';
  const reason = REASONS[code] ?? first.message;
  return code === '' ? reason : `${reason} (${code})`;
}
