import type { Envelope } from '../../catalog/types.ts';
import type { Dialect } from './dialect.ts';
import { signV1 } from './standard.ts';

/** The parts of our data that Memberstack's events are made from. */
interface Data {
  member?: { id: string; email: string | null; custom_fields: unknown; metadata: unknown; [key: string]: unknown };
  subscription?: { id: string; plan_id: string; member_id: string; status: string; active: boolean } | null;
  plan?: { id: string; type: string } | null;
  previous_plan?: { id: string } | null;
}

/**
 * Memberstack's webhooks: `{"event","timestamp","data"}` in compact JSON with its keys always in the same order, signed as Svix
 * signs. Its SDK checks `JSON.stringify(payload)` against the first signature only, so the present secret's comes first.
 */
export const memberstack: Dialect = {
  name: 'memberstack',
  defaultRetryPolicy: 'memberstack',
  body: (envelope, _type, name) =>
    JSON.stringify({ event: name, timestamp: Date.parse(envelope.created_at), data: dataOf(name, envelope) }),
  headers({ eventId, timestamp, body, secrets }) {
    const prefix = `${eventId}.${timestamp}.`;
    return {
      'svix-id': eventId,
      'svix-timestamp': String(timestamp),
      'svix-signature': secrets.map((secret) => signV1(secret, prefix, body)).join(' '),
    };
  },
};

function dataOf(name: string, { data }: Envelope): unknown {
  const given = data as Data;
  const { member, subscription } = given;
  switch (name) {
    case 'member.created':
    case 'member.updated':
      if (member === undefined) break;
      return {
        id: memberId(member.id),
        auth: { email: member.email },
        metaData: member.metadata ?? {},
        customFields: member.custom_fields ?? {},
        verified: member.verified ?? null,
        profileImage: member.profile_image_url ?? null,
        stripeCustomerId: member.stripe_customer_id ?? null,
        createdAt: member.created_at ?? null,
      };
    case 'member.deleted':
      if (member === undefined) break;
      return { id: memberId(member.id) };
    case 'member.plan.canceled':
      if (subscription == null) break;
      return { id: memberId(member?.id ?? subscription.member_id), planConnectionId: as('con', subscription.id) };
    case 'member.plan.created':
    case 'member.plan.updated':
    case 'payment.succeeded':
    case 'payment.failed':
      return withConnection(given);
    case 'member.plan.replaced':
      return {
        ...withConnection(given),
        prevPlan: given.previous_plan == null ? null : as('pln', given.previous_plan.id),
      };
    default:
  }
  // A built-in type, which the vendor does not have.
  return data;
}

function withConnection({ member, subscription, plan }: Data) {
  return {
    id: memberId(member?.id ?? subscription?.member_id ?? ''),
    planConnection:
      subscription == null
        ? null
        : {
            id: as('con', subscription.id),
            active: subscription.active,
            status: STATUSES[subscription.status] ?? subscription.status.toUpperCase(),
            type: plan?.type ?? 'SUBSCRIPTION',
            planId: as('pln', subscription.plan_id),
            memberId: memberId(subscription.member_id),
          },
  };
}

/** Where the vendor's word is not ours in capitals. */
const STATUSES: Readonly<Record<string, string>> = {
  incomplete: 'REQUIRES_PAYMENT',
  pending: 'REQUIRES_PAYMENT',
  unpaid: 'REQUIRES_PAYMENT',
};

function memberId(id: string): string {
  return as('mem', id);
}

/** One of our ids with the vendor's prefix. */
function as(prefix: string, id: string): string {
  return `${prefix}_${id.replace(/^[a-z]+_/, '')}`;
}
