import { isIP, type LookupFunction } from 'node:net';
import buildConnector from 'undici/lib/core/connect.js';
import type { AddressRanges } from './address-ranges.ts';
import { type EgressPolicy, isAddressAllowed } from './egress-policy.ts';
import type { LookUp } from './look-up.ts';
import type { ProxyTunnel } from './proxy-tunnel.ts';
import { targetFault } from './target-fault.ts';

/** How long a connection may take, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 5000;

export interface ConnectParts {
  policy: EgressPolicy;
  lookUp: LookUp;
  /** Certificates (PEM) of those that receivers may be certified by; undefined for Node's own. */
  ca: readonly string[] | undefined;
  /** The way through the operator's proxy, if there is one. */
  tunnel: ProxyTunnel | undefined;
}

/** How connections of some endpoints differ from the others'. */
export interface Route {
  /** The only addresses that may be reached; null for all that are allowed. */
  allowedIps: AddressRanges | null;
  /** What the receiver knows the sender by (PEM), or null. */
  clientCertificate: { certificate: string; key: string } | null;
}

/** Deliveries may not go there. */
export class TargetRefused extends Error {}

/**
 * Connects to allowed addresses only. DNS is never asked about a literal, so that is checked first; then every answer of
 * DNS, one bad answer refusing the name; then what the socket really reached. Through a proxy the name is looked up and
 * checked here, and the proxy is asked for the address, so that it cannot find another one.
 */
export function guardedConnect({ policy, lookUp, ca, tunnel }: ConnectParts, route: Route): buildConnector.connector {
  const refusal = (host: string, address: string): TargetRefused | null => {
    if (!isAddressAllowed(address, policy))
      return new TargetRefused(`${host} leads to ${address}: deliveries may not go to that address`);
    if (route.allowedIps !== null && !route.allowedIps.hold(address))
      return new TargetRefused(`${host} leads to ${address}, which is not among the endpoint's allowed_ips`);
    return null;
  };
  const guardedLookup: LookupFunction = (host, options, callback) => {
    lookUp(host, (error, answers) => {
      const fault = error ?? answers.map(({ address }) => refusal(host, address)).find((found) => found !== null);
      const first = answers[0];
      if (fault != null || first === undefined) callback(fault ?? new Error(`${host} has no address`), '', 0);
      else if (options.all) callback(null, answers);
      else callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: guardedLookup,
    ...(ca !== undefined && { ca: [...ca] }),
    ...(route.clientCertificate !== null && {
      cert: route.clientCertificate.certificate,
      key: route.clientCertificate.key,
    }),
  });

  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    const fault = targetFault({ protocol: options.protocol, hostname: host, port: options.port }, policy);
    if (fault !== null) return callback(new TargetRefused(`the URL ${fault}`), null);
    const literalFault = isIP(host) === 0 ? null : refusal(host, host);
    if (literalFault !== null) return callback(literalFault, null);
    if (tunnel === undefined) {
      connect(options, (...[error, socket]) => {
        // On an error there is no second argument, whatever the types say.
        if (error !== null || socket == null) return callback(error ?? new Error('no connection'), null);
        const reached = socket.remoteAddress ?? 'nowhere';
        const missed = refusal(host, reached);
        if (missed === null) return callback(null, socket);
        socket.destroy();
        callback(missed, null);
      });
      return;
    }
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80);
    guardedLookup(host, { all: false }, (error, address) => {
      if (error !== null) return callback(error, null);
      tunnel(String(address), port, (failure, socket) => {
        if (failure !== null) return callback(failure, null);
        if (options.protocol === 'https:') connect({ ...options, httpSocket: socket }, callback);
        else callback(null, socket);
      });
    });
  };
}
