import { isIP } from 'node:net';
import { AddressRanges } from '../egress/address-ranges.ts';
import { type FieldFault, Problem } from '../problem.ts';

/**
 * The addresses and ranges to store: JSON text, or null where there is no limit. A URL with a literal address is held to
 * them here; names are looked up at each connect.
 * @throws Problem 422 `allowed_ips_invalid`, naming every item at fault.
 */
export function checkAllowedIps(allowedIps: readonly string[] | null, url: string): string | null {
  if (allowedIps === null || allowedIps.length === 0) return null;
  const faults: FieldFault[] = [];
  for (const [index, text] of allowedIps.entries()) {
    try {
      new AddressRanges([text]);
    } catch (error) {
      faults.push({
        pointer: `/allowed_ips/${index}`,
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (faults.length === 0 && isIP(host) !== 0 && !new AddressRanges(allowedIps).hold(host))
    faults.push({ pointer: '/allowed_ips', message: `does not hold the URL's own address ${host}` });
  if (faults.length > 0)
    throw new Problem(422, 'allowed_ips_invalid', 'allowed_ips cannot be used as it is.', { errors: faults });
  return JSON.stringify(allowedIps);
}
