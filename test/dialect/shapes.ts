/** What the vendors' documentation says of their bodies, as JSON Schemas. */
const id = (prefix: string) => ({ type: 'string', pattern: `^${prefix}_[0-9A-Za-z]+$` });
const exactly = (properties: Record<string, object>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const atLeast = (properties: Record<string, object>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

const connection = exactly({
  id: id('con'),
  active: { type: 'boolean' },
  status: { type: 'string', pattern: '^[A-Z_]+$' },
  type: { enum: ['SUBSCRIPTION', 'ONETIME', 'FREE'] },
  planId: id('pln'),
  memberId: id('mem'),
});
const member = atLeast({
  id: id('mem'),
  auth: exactly({ email: { type: ['string', 'null'] } }),
  metaData: { type: 'object' },
  customFields: { type: 'object' },
});
const memberstack = (event: string, data: object) =>
  exactly({ event: { const: event }, timestamp: { type: 'integer', minimum: 1e12 }, data });

/** By dialect and the vendor's name of the event. */
export function bodySchema(dialect: string, name: string): object {
  switch (dialect) {
    case 'memberstack':
      return memberstack(name, MEMBERSTACK[name] ?? { not: {} });
    case 'memberply':
      return atLeast({ id: id('evt'), extra: { type: 'object', minProperties: 1 } });
    default:
      return exactly({
        id: { type: 'string', pattern: '^evt_[0-9A-HJKMNP-TV-Z]{26}$' },
        type: { const: name },
        created_at: { type: 'string', format: 'date-time' },
        api_version: { type: 'string' },
        project_id: { type: ['string', 'null'] },
        data: { type: 'object', not: { anyOf: [{ required: ['member'] }, { required: ['member_id'] }] } },
      });
  }
}

const MEMBERSTACK: Record<string, object> = {
  'member.created': member,
  'member.updated': member,
  'member.deleted': exactly({ id: id('mem') }),
  'member.plan.created': exactly({ id: id('mem'), planConnection: connection }),
  'member.plan.updated': exactly({ id: id('mem'), planConnection: connection }),
  'member.plan.replaced': exactly({ id: id('mem'), planConnection: connection, prevPlan: id('pln') }),
  'member.plan.canceled': exactly({ id: id('mem'), planConnectionId: id('con') }),
  'payment.succeeded': exactly({ id: id('mem'), planConnection: connection }),
  'payment.failed': exactly({ id: id('mem'), planConnection: connection }),
};
