import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Ranges of addresses, each kept twice: as `ipaddr.js` parses it and in Node's own list. Two readers of the same text rarely
 * share a mistake.
 */
export class AddressRanges {
  readonly #ranges: readonly Range[];
  readonly #list = new BlockList();

  /**
   * @param texts addresses and CIDRs, such as `10.0.0.0/8` or `2001:db8::1`
   * @throws Error that names the first one which is neither.
   */
  constructor(texts: readonly string[]) {
    this.#ranges = texts.map((text) => {
      const [address, prefix] = parseRange(text);
      this.#list.addSubnet(address.toString(), prefix, address.kind());
      return [address, prefix];
    });
  }

  /** Whether either reader finds the address in one of the ranges: the question of a list of what is forbidden. */
  touch(ip: string): boolean {
    return this.#parsedHold(ip) || this.#listHolds(ip);
  }

  /** Whether both readers find the address in one of the ranges: the question of a list of what is allowed. */
  hold(ip: string): boolean {
    return this.#parsedHold(ip) && this.#listHolds(ip);
  }

  #parsedHold(ip: string): boolean {
    if (!ipaddr.isValid(ip)) return false;
    const address = ipaddr.parse(ip);
    return this.#ranges.some(([range, prefix]) => range.kind() === address.kind() && address.match(range, prefix));
  }

  #listHolds(ip: string): boolean {
    const family = isIP(ip);
    // An IPv4 address written as IPv6 is one to the list, and none of ours.
    return family !== 0 && this.#list.check(ip, family === 6 ? 'ipv6' : 'ipv4');
  }
}

function parseRange(text: string): Range {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const bits = prefix === undefined ? most : Number(prefix);
  if (family === 0 || address.includes('%') || !/^\d{0,3}$/.test(prefix ?? '') || prefix === '' || bits > most)
    throw new Error(`"${text}" is neither an IP address nor a range of them such as 192.0.2.0/24 or 2001:db8::/32`);
  return [ipaddr.parse(address), bits];
}
