import { isIP } from 'node:net';
import { AddressRanges } from './address-ranges.ts';

/** Where this server's deliveries may go, beside the public internet. */
export interface EgressPolicy {
  /** True while the server itself listens on loopback only, so that trying it out works: loopback, over http too. */
  allowLoopback: boolean;
  /** Deliveries may go over http, not only over https. */
  allowHttp: boolean;
  /** Ports that a target may have. */
  ports: ReadonlySet<number>;
  /** What the operator opened of what is otherwise closed. */
  allowedTargets: AddressRanges;
  /** Names and addresses of this server itself, lower case. */
  ownHosts: ReadonlySet<string>;
}

/** The ports of the web, and those that web servers use beside them. */
export const WEB_PORTS: readonly number[] = [80, 443, 8080, 8443];

const LOOPBACK = new AddressRanges(['127.0.0.0/8', '::1']);
/** IANA's special-purpose registry, multicast, the reserved block, and the address at which a cloud answers its guests. */
const CLOSED_V4 = new AddressRanges([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16',
]);
/** The only block from which global unicast addresses are given out: without mapped, NAT64, unique-local, link-local, … */
const OPEN_V6 = new AddressRanges(['2000::/3']);
const CLOSED_V6 = new AddressRanges(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', '2620:4f:8000::/48']);

/** Whether an address can be reached over the public internet. An IPv4 address in the clothes of IPv6 cannot. */
export function isGlobal(ip: string): boolean {
  const family = isIP(ip);
  if (family === 4) return !CLOSED_V4.touch(ip);
  return family === 6 && OPEN_V6.hold(ip) && !CLOSED_V6.touch(ip);
}

/** Whether the address is this machine as it sees itself. */
export function isLoopback(ip: string): boolean {
  return LOOPBACK.hold(ip);
}

/**
 * Whether deliveries may go to this address. Asked at creation for literal addresses, and at each connect for the literal, for
 * every answer of DNS, and for what the socket reached.
 */
export function isAddressAllowed(ip: string, policy: EgressPolicy): boolean {
  if (policy.allowedTargets.hold(ip)) return true;
  if (isLoopback(ip)) return policy.allowLoopback;
  return isGlobal(ip) && !policy.ownHosts.has(ip.toLowerCase());
}
