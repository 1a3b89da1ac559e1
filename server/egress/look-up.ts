import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns';

/** Every address that a name has. */
export type LookUp = (host: string, answer: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/** As the operating system looks names up: its hosts file, its DNS. */
export const systemLookUp: LookUp = (host, answer) => {
  lookup(host, { all: true }, (error, addresses) => answer(error, addresses));
};

/**
 * By these DNS servers only.
 * @param servers addresses, with `:port` where it is not 53
 */
export function lookUpBy(servers: readonly string[]): LookUp {
  const resolver = new Resolver();
  resolver.setServers(servers);
  return (host, answer) => {
    const found: LookupAddress[] = [];
    let failure: Error | null = null;
    let open = 2;
    const take = (family: 4 | 6) => (error: Error | null, addresses: string[] | undefined) => {
      failure ??= error;
      for (const address of addresses ?? []) found.push({ address, family });
      open -= 1;
      // A name may well have addresses of one family only.
      if (open === 0) answer(found.length > 0 ? null : (failure ?? new Error(`${host} has no address`)), found);
    };
    resolver.resolve4(host, take(4));
    resolver.resolve6(host, take(6));
  };
}
