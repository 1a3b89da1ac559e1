import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import type { SendResult } from './outcome.ts';

/** One POST to a receiver. */
export interface SendRequest {
  url: string;
  headers: Record<string, string>;
  body: string | Buffer;
  /** One deadline for everything: connecting, sending, the reply to its last byte. */
  timeoutMs: number;
}

export interface Sender {
  /** Posts and answers with what came back. Never throws: a failure is a result. */
  send(request: SendRequest): Promise<SendResult>;
  close(): Promise<void>;
}

export interface SenderParts {
  clock: Clock;
  /** Whether a connection to this IP address may be made; asked at connect, for literals and for every DNS answer. */
  isAddressAllowed(address: string): boolean;
}

const CONNECT_TIMEOUT_MS = 5000;
/** A receiver's connection stays open this long without work. */
const KEEP_ALIVE_MS = 10_000;
const MOST_REPLY_BYTES = 64 * 1024;
const KEPT_REPLY_BYTES = 4 * 1024;
const MOST_HEADER_VALUE = 1024;

/**
 * The one way out: signed POSTs over keep-alive connections, a pool per origin. Pools have no limit of their own, so that
 * hanging requests to an origin cannot starve the others there: lanes are the limit. Redirects are not followed.
 */
export function createSender({ clock, isAddressAllowed }: SenderParts): Sender {
  const agent = new Agent({
    connect: guardedConnect(isAddressAllowed),
    // The sender's own deadline is the only one: header and body time-outs do not stop a drip.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    pipelining: 1,
  });
  return {
    send: (request) =>
      new Promise((resolve) => {
        const reply = new Reply(clock, request.timeoutMs, resolve);
        try {
          const { origin, pathname, search } = new URL(request.url);
          agent.dispatch(
            { origin, path: pathname + search, method: 'POST', headers: request.headers, body: request.body },
            reply,
          );
        } catch (error) {
          reply.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
        }
      }),
    close: () => agent.destroy(),
  };
}

/** The target resolved, or is, an address that deliveries may not go to. */
class AddressRefused extends Error {
  constructor(host: string, address: string) {
    super(`${host} leads to ${address}: deliveries may not go to that address`);
  }
}

/**
 * Connects to allowed addresses only. DNS is never asked about a literal, so that is checked first; then every answer of
 * DNS; then what the socket really reached.
 */
function guardedConnect(isAddressAllowed: (address: string) => boolean): buildConnector.connector {
  const guardedLookup: LookupFunction = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, answers) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = answers.filter((answer) => isAddressAllowed(answer.address));
      const first = allowed[0];
      if (first === undefined) callback(new AddressRefused(host, answers[0]?.address ?? 'nowhere'), '', 0);
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isAddressAllowed(host)) {
      callback(new AddressRefused(host, host), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      // On an error there is no second argument, whatever the types say.
      const address = socket?.remoteAddress;
      if (error !== null || socket === null) callback(error ?? new Error('no connection'), null);
      else if (address !== undefined && isAddressAllowed(address)) callback(null, socket);
      else {
        socket.destroy();
        callback(new AddressRefused(host, address ?? 'nowhere'), null);
      }
    });
  };
}

/** Gathers one reply and settles once, whatever comes first: its end, an error, the deadline. */
class Reply implements Dispatcher.DispatchHandler {
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
    this.#cancelDeadline = clock.after(timeoutMs, () => {
      this.#finish(`no complete reply within ${timeoutMs} ms`, true);
      this.#controller?.abort(new Error('deadline'));
    });
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
    this.#finish(null, false);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#finish(describe(error), 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT');
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
      replyHeaders: this.#headers,
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
