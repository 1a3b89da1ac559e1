import { isIP } from 'node:net';
import { type EgressPolicy, isAddressAllowed, isLoopback } from './egress-policy.ts';

/** Scheme, host and port of a target, as the URL parser gives them. */
export interface Target {
  /** Such as `https:`. */
  protocol: string;
  /** Without the brackets of IPv6. */
  hostname: string;
  /** Empty for the scheme's own. */
  port: string;
}

/**
 * Why deliveries may not go to a target, as far as it can be told without a look-up; null when they may. The sentence
 * follows the word "URL". Asked when an endpoint is made and, since rules may have changed since, at each connect.
 */
export function targetFault({ protocol, hostname, port }: Target, policy: EgressPolicy): string | null {
  if (protocol !== 'https:' && protocol !== 'http:') return 'is neither https nor http';
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.+$/, '')
    .toLowerCase();
  const isLiteral = isIP(host) !== 0;
  if (isLiteral && !isAddressAllowed(host, policy)) return 'has a private or local address';
  // What an operator opened, and this machine while it is tried out, is not the web: any port, and http.
  const isOpened = isLiteral && policy.allowedTargets.hold(host);
  const isHere = policy.allowLoopback && (isLoopback(host) || isLocalhost(host));
  if (isOpened || isHere) return null;
  if (protocol === 'http:' && !policy.allowHttp) return 'is not https; deliveries go over https only';
  if (policy.ownHosts.has(host)) return 'is the address of this server itself';
  if (!isLiteral) {
    if (isLocalhost(host)) return 'names the machine that the server runs on';
    if (/\.(local|internal)$/.test(host) || !host.includes('.')) return 'has a name of a private network';
  }
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  if (!policy.ports.has(number))
    return `has the port ${number}; deliveries go to the ports ${[...policy.ports].sort((a, b) => a - b).join(', ')}`;
  return null;
}

function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}
