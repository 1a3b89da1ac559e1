import { BlockList, isIP, isIPv6 } from 'node:net';
import { Problem } from '../problem.ts';

/** Whether this server may call targets on the machine it runs on. */
export interface TargetPolicy {
  /** True while the server itself listens on loopback only, so that trying it out works: http and loopback are allowed. */
  allowLoopback: boolean;
}

const MAX_LENGTH = 2048;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Addresses that are not on the public internet (IANA special-purpose registries), loopback aside. */
const inner = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 128],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(network, prefix, 'ipv6');

/**
 * Whether deliveries may go to this address. Asked at creation for literal addresses, and at each connect for what a
 * name resolves to. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is judged as the IPv4 address it is.
 */
export function isAddressAllowed(ip: string, policy: TargetPolicy): boolean {
  const family = isIPv6(ip) ? 'ipv6' : 'ipv4';
  if (loopback.check(ip, family)) return policy.allowLoopback;
  return !inner.check(ip, family);
}

/**
 * Checks a URL that deliveries are to go to, as far as it can be told without a look-up.
 * @throws Problem 422 `target_invalid` when it is not a usable URL, `target_refused` when it is one that must not be called.
 */
export function checkTarget(url: string, policy: TargetPolicy): void {
  if (url.length > MAX_LENGTH) throw invalid(`is longer than ${MAX_LENGTH} characters`);
  // The URL parser drops some of these silently, so that what is stored would not be what is called.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(url)) throw invalid('contains a space or a control character');
  const target = URL.parse(url);
  if (target === null) throw invalid('is not an absolute URL, such as https://example.net/hooks/1');
  if (target.username !== '' || target.password !== '')
    throw invalid('carries a user name or password; send them as a header instead');
  if (target.protocol !== 'https:' && !(policy.allowLoopback && target.protocol === 'http:'))
    throw refused(policy.allowLoopback ? 'is neither https nor http' : 'is not https; deliveries go over https only');
  checkHost(target.hostname, policy);
}

function checkHost(hostname: string, policy: TargetPolicy): void {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) {
    if (!isAddressAllowed(host, policy)) throw refused('has a private or local address');
    return;
  }
  if (host === 'localhost' || host.endsWith('.localhost')) {
    if (!policy.allowLoopback) throw refused('names the machine that the server runs on');
    return;
  }
  if (host.endsWith('.local') || host.endsWith('.internal')) throw refused('has a name of a private network');
}

function invalid(what: string): Problem {
  return new Problem(422, 'target_invalid', `The URL ${what}.`, { errors: [{ pointer: '/url', message: what }] });
}

function refused(what: string): Problem {
  return new Problem(422, 'target_refused', `The URL ${what}. Give one that can be reached from the internet.`, {
    errors: [{ pointer: '/url', message: what }],
  });
}
