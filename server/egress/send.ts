import Agent from 'undici/lib/dispatcher/agent.js';
import type { Clock } from '../clock.ts';
import { AddressRanges } from './address-ranges.ts';
import type { EgressSettings } from './egress-settings.ts';
import { CONNECT_TIMEOUT_MS, guardedConnect, type Route } from './guarded-connect.ts';
import { lookUpBy, systemLookUp } from './look-up.ts';
import { proxyTunnel } from './proxy-tunnel.ts';
import { Reply } from './reply.ts';
import type { SendResult } from './send-result.ts';

/** One POST to a receiver. */
export interface SendRequest {
  url: string;
  headers: Record<string, string>;
  body: string | Buffer;
  /** One deadline for everything: connecting, sending, the reply to its last byte. */
  timeoutMs: number;
  /** JSON array of the only addresses and ranges that may be reached; null or left out for all that are allowed. */
  allowedIps?: string | null;
  /** JSON of a client certificate and its key (PEM); null or left out for none. */
  clientCertificate?: string | null;
}

export interface Sender {
  /** Posts and answers with what came back. Never throws: a failure is a result. */
  send(request: SendRequest): Promise<SendResult>;
  close(): Promise<void>;
}

/** A receiver's connection stays open this long without work. */
const KEEP_ALIVE_MS = 10_000;
/** Routes of their own that keep their connections; the one used longest ago makes room. */
const MOST_ROUTES = 500;
const OPEN_ROUTE: Route = { allowedIps: null, clientCertificate: null };

/**
 * The one way out: signed POSTs over keep-alive connections, a pool per origin. Pools have no limit of their own, so that
 * hanging requests to an origin cannot starve the others there: lanes are the limit. Redirects are not followed. Endpoints
 * with allowed addresses or a certificate share connections only with those that have the same.
 */
export function createSender(clock: Clock, { policy, dnsServers, ca, proxy }: EgressSettings): Sender {
  const parts = {
    policy,
    lookUp: dnsServers.length === 0 ? systemLookUp : lookUpBy(dnsServers),
    ca,
    tunnel: proxy === null ? undefined : proxyTunnel(proxy, CONNECT_TIMEOUT_MS),
  };
  const openAgent = (route: Route): Agent =>
    new Agent({
      connect: guardedConnect(parts, route),
      // The sender's own deadline is the only one: header and body time-outs do not stop a drip.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      pipelining: 1,
    });
  const agent = openAgent(OPEN_ROUTE);
  const routes = new Map<string, Agent>();
  const agentFor = (allowedIps: string | null, clientCertificate: string | null): Agent => {
    const key = `${allowedIps}\n${clientCertificate}`;
    const known = routes.get(key);
    const found =
      known ??
      openAgent({
        allowedIps: allowedIps === null ? null : new AddressRanges(JSON.parse(allowedIps) as string[]),
        clientCertificate:
          clientCertificate === null ? null : (JSON.parse(clientCertificate) as Route['clientCertificate']),
      });
    // A map keeps the order of insertion: the first is the one used longest ago.
    routes.delete(key);
    routes.set(key, found);
    const [oldest] = routes;
    if (routes.size > MOST_ROUTES && oldest !== undefined) {
      routes.delete(oldest[0]);
      // Ends what is under way first.
      void oldest[1].close();
    }
    return found;
  };

  return {
    send: (request) =>
      new Promise((resolve) => {
        const { allowedIps = null, clientCertificate = null } = request;
        const reply = new Reply(clock, request.timeoutMs, resolve);
        try {
          const { origin, pathname, search } = new URL(request.url);
          const way =
            allowedIps === null && clientCertificate === null ? agent : agentFor(allowedIps, clientCertificate);
          way.dispatch(
            { origin, path: pathname + search, method: 'POST', headers: request.headers, body: request.body },
            reply,
          );
        } catch (error) {
          reply.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
        }
      }),
    async close() {
      await Promise.all([agent, ...routes.values()].map((each) => each.destroy()));
    },
  };
}
