import { escapeSegment } from '../catalog/json-pointer.ts';
import { type FieldFault, Problem } from '../problem.ts';

/** What every read shows in place of a value, and what keeps the stored one in a change. */
export const MASK = '***';

/** Headers that the connection, the body, a signature or a trace needs for itself. */
const RESERVED = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'content-length',
  'content-type',
  'content-encoding',
  'traceparent',
]);
const RESERVED_PREFIXES = ['webhook-', 'svix-', 'mp-', 'x-memberply-', 'hookloom-'];

/**
 * The custom headers to store. A value of `***` keeps what `stored` has under that name, so that an endpoint can be
 * read, changed and written back.
 * @throws Problem 422 `header_refused`, naming every header at fault.
 */
export function checkHeaders(
  headers: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const faults: FieldFault[] = [];
  const seen = new Set<string>();
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const kept = value === MASK ? storedValue(stored, name) : value;
    const fault = headerFault(name, kept, seen);
    if (fault === null && kept !== undefined) checked[name] = kept;
    else faults.push({ pointer: `/headers/${escapeSegment(name)}`, message: fault ?? '' });
    seen.add(name.toLowerCase());
  }
  if (faults.length > 0)
    throw new Problem(422, 'header_refused', 'Some of the custom headers cannot be sent; leave them out.', {
      errors: faults,
    });
  return checked;
}

export function headerFault(name: string, value: string | undefined, seen: ReadonlySet<string>): string | null {
  const lower = name.toLowerCase();
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/.test(lower)) return 'is not a header name';
  if (RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix)))
    return 'is set by the delivery itself';
  if (seen.has(lower)) return 'is given twice';
  if (value === undefined) return `has no stored value that "${MASK}" could keep`;
  if (!/^[\t\x20-\x7e]*$/.test(value)) return 'has a value with characters other than visible ASCII';
  return null;
}

function storedValue(stored: Readonly<Record<string, string>>, name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.entries(stored).find(([key]) => key.toLowerCase() === lower)?.[1];
}
