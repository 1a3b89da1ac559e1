import type { Signature } from '../model.ts';
import { type FieldFault, Problem } from '../problem.ts';
import { headerFault } from './check-headers.ts';

/** The fields that each dialect looks at; a dialect that is not here has one way of signing. */
const FIELDS: Readonly<Record<string, readonly (keyof Signature)[]>> = {
  standard: ['algorithm'],
  memberply: ['encoding', 'prefix'],
  custom: ['preset', 'header', 'id_header', 'timestamp_header', 'event_header', 'scheme', 'encoding', 'prefix'],
};

/** How well-known senders sign. */
const PRESETS: Readonly<Record<NonNullable<Signature['preset']>, Signature>> = {
  stripe: { header: 'Stripe-Signature', scheme: 't=,v1=', encoding: 'hex' },
  github: {
    header: 'X-Hub-Signature-256',
    scheme: 'body',
    encoding: 'hex',
    prefix: 'sha256=',
    id_header: 'X-GitHub-Delivery',
    event_header: 'X-GitHub-Event',
  },
};

/**
 * How an endpoint's deliveries are signed: JSON text, or null for its dialect's usual way. A preset is written out.
 * @throws Problem 422 `signature_refused`, naming every field at fault.
 */
export function checkSignature(signature: Signature | null, dialect: string): string | null {
  if (signature === null) return null;
  const faults: FieldFault[] = [];
  const known = FIELDS[dialect] ?? [];
  for (const field of Object.keys(signature) as (keyof Signature)[])
    if (!known.includes(field))
      faults.push({ pointer: `/signature/${field}`, message: `is nothing that the dialect "${dialect}" looks at` });
  for (const field of ['header', 'id_header', 'timestamp_header', 'event_header'] as const) {
    const name = signature[field];
    const fault = name === undefined ? null : headerFault(name, '', new Set());
    if (fault !== null) faults.push({ pointer: `/signature/${field}`, message: fault });
  }
  if (faults.length > 0)
    throw new Problem(422, 'signature_refused', 'Deliveries cannot be signed in that way.', { errors: faults });
  const { preset, ...own } = signature;
  return JSON.stringify(preset === undefined ? own : { ...PRESETS[preset], ...own });
}
