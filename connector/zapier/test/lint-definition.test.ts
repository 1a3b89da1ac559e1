import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppDefinition, TriggerDefinition } from '../src/lint/definition.ts';
import { lintDefinition } from '../src/lint-definition.ts';

/** A definition without faults; `change` puts one into it. */
function faultsAfter(change: (trigger: TriggerDefinition, app: AppDefinition) => void): string[] {
  const trigger: TriggerDefinition = {
    key: 'order_paid',
    noun: 'Order',
    display: { label: 'Order Paid at the Till', description: 'Triggers when an order is paid.' },
    operation: {
      type: 'hook',
      performSubscribe: '$func$2$f$',
      performUnsubscribe: '$func$2$f$',
      performList: '$func$2$f$',
      inputFields: [{ key: 'filter_shop', label: 'Shop ID', helpText: 'See [how](https://docs.example.com/shops).' }],
      outputFields: [
        { key: 'id', label: 'Event ID', type: 'string' },
        { key: 'created_at', label: 'Event Created At', type: 'datetime' },
        { key: 'data__order__total', label: 'Order Total', type: 'integer' },
        { key: 'data__order__tags', label: 'Order Tags', type: 'string', list: true },
        { key: 'data__order__extra', label: 'Order Extra', dict: true },
        { key: 'data__order__coupon__code', label: 'Order Coupon Code', type: 'string' },
        { key: 'data__lines[]name', label: 'Lines Name', type: 'string' },
        { key: 'data__lines[]value', label: 'Lines Value' },
      ],
      sample: {
        id: 'evt_1',
        created_at: '2026-05-01T08:00:00.000Z',
        data: {
          order: { total: 4200, tags: ['new'], extra: { gift: true }, coupon: null },
          lines: [{ name: 'Tea', value: 1 }],
        },
      },
    },
  };
  const app: AppDefinition = {
    authentication: { connectionLabel: '$func$2$f$', fields: [{ key: 'token', label: 'API Token' }] },
    triggers: { [trigger.key]: trigger },
  };
  change(trigger, app);
  return lintDefinition(app).map((fault) => `${fault.trigger ?? 'app'} ${fault.check}`);
}

/** The sample's data, to be spoilt. */
const dataOf = (trigger: TriggerDefinition) =>
  trigger.operation.sample?.data as { order: Record<string, unknown>; lines: unknown };

const faults: [string, string, (trigger: TriggerDefinition, app: AppDefinition) => void][] = [
  ['app D003', 'a connection without a label', (_, app) => delete app.authentication?.connectionLabel],
  ['app LABEL', 'an authentication field without a label', (_, app) => delete app.authentication?.fields?.[0]?.label],
  ['order_paid D006', 'no performList', ({ operation }) => delete operation.performList],
  [
    'order_paid D008',
    'a link over http',
    ({ display }) => (display.description = 'Triggers when http://a.example is up.'),
  ],
  [
    'order_paid D008',
    'a broken link in a help text',
    ({ operation }) => set(operation.inputFields, 'filter_shop', { helpText: 'See [how](docs/shops).' }),
  ],
  ['order_paid D010', 'no sample', ({ operation }) => delete operation.sample],
  ['order_paid D012', 'a sample without an id', ({ operation }) => delete operation.sample?.id],
  ['order_paid D016', 'a hook that is not subscribed', ({ operation }) => delete operation.performSubscribe],
  ['order_paid D017', 'a hook that is not unsubscribed', ({ operation }) => delete operation.performUnsubscribe],
  ['order_paid D018', 'a label that is not in Title Case', ({ display }) => (display.label = 'Order paid')],
  ['order_paid D018', 'a label that ends in a small word', ({ display }) => (display.label = 'Order Paid At the')],
  [
    'order_paid D018',
    'a field label in lower case',
    ({ operation }) => set(operation.outputFields, 'data__order__total', { label: 'order total' }),
  ],
  [
    'order_paid D021',
    'a description of another form',
    ({ display }) => (display.description = 'When an order is paid.'),
  ],
  [
    'order_paid D021',
    'a description without its full stop',
    ({ display }) => (display.description = 'Triggers when an order is paid'),
  ],
  ['order_paid D023', 'a date without an offset', (trigger) => (dataOf(trigger).order.tags = ['2026-05-01T08:00:00'])],
  ['order_paid D024', 'text in an integer field', (trigger) => (dataOf(trigger).order.total = '4200')],
  ['order_paid D024', 'a fraction in an integer field', (trigger) => (dataOf(trigger).order.total = 4.2)],
  ['order_paid D024', 'one value where a list is promised', (trigger) => (dataOf(trigger).order.tags = 'new')],
  ['order_paid D024', 'a plain value where a map is promised', (trigger) => (dataOf(trigger).order.extra = 'gift')],
  ['order_paid D024', 'a number in a row’s text field', (trigger) => (dataOf(trigger).lines = [{ name: 1, value: 1 }])],
  [
    'order_paid D024',
    'words in a date field',
    ({ operation }) => Object.assign(operation.sample ?? {}, { created_at: 'now' }),
  ],
  [
    'order_paid KEY',
    'a key with a dot',
    (trigger, app) => {
      trigger.key = 'order.paid';
      app.triggers = { order_paid: trigger };
    },
  ],
  ['order_paid KEY', 'one field twice', ({ operation }) => operation.outputFields?.push({ key: 'id', label: 'ID' })],
  [
    'order_paid LABEL',
    'two fields with one label',
    ({ operation }) => set(operation.outputFields, 'data__order__total', { label: 'Event ID' }),
  ],
  ['order_paid SAMPLE', 'a value that no field describes', (trigger) => (dataOf(trigger).order.note = 'x')],
];

test('a definition without faults has none', () => {
  assert.deepEqual(
    faultsAfter(() => undefined),
    [],
  );
});

for (const [expected, what, change] of faults) {
  test(`${what} is found: ${expected}`, () => {
    const found = faultsAfter(change);
    assert.ok(found.includes(expected), found.join(', '));
  });
}

function set(fields: { key: string }[] | undefined, key: string, more: object): void {
  Object.assign(fields?.find((field) => field.key === key) ?? {}, more);
}
