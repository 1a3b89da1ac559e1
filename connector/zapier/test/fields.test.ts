import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputFields } from '../src/input-fields.ts';
import { outputFields } from '../src/output-fields.ts';
import type { JsonSchema, PublishedEventType } from '../src/published-catalog.ts';

const envelope: JsonSchema = {
  title: 'Event',
  properties: { id: { type: 'string', title: 'Event ID' }, data: { type: 'object', title: 'Data' } },
};

/** An event type whose data has these properties. */
function eventType(
  properties: JsonSchema,
  more: Partial<PublishedEventType> & { $defs?: JsonSchema } = {},
): PublishedEventType {
  const { $defs = {}, ...rest } = more;
  return {
    name: 'thing.done',
    key: 'thing_done',
    has_trigger: true,
    label: 'Thing Done',
    noun: 'Thing',
    fires_when: 'a thing is done',
    scope: 'team',
    filters: {},
    schema: { type: 'object', properties, $defs },
    samples: [],
    ...rest,
  };
}

/** The output fields below `data`. */
const below = (properties: JsonSchema, $defs: JsonSchema = {}) =>
  outputFields(eventType(properties, { $defs }), envelope).slice(1);

test('a field is labelled with the titles on the way to it', () => {
  const $defs = {
    owner: { type: 'object', title: 'Owner', properties: { email: { type: 'string', title: 'Email' } } },
  };
  const thing = { type: 'object', title: 'Thing', properties: { owner: { $ref: '#/$defs/owner' } } };
  assert.deepEqual(below({ thing }, $defs), [
    { key: 'data__thing__owner__email', label: 'Thing Owner Email', type: 'string' },
  ]);
});

test('a title that repeats the one before it is not said twice', () => {
  assert.equal(outputFields(eventType({}), envelope)[0]?.label, 'Event ID');
});

test('fields that would share a label also show their keys', () => {
  const thing = { type: 'object', title: 'Thing', properties: { id: { type: 'string', title: 'ID' } } };
  assert.deepEqual(
    below({ thing, thing_id: { type: 'string', title: 'Thing ID' } }).map((field) => field.label),
    ['Thing ID (data thing id)', 'Thing ID (data thing_id)'],
  );
});

test('types follow the schema, null left out', () => {
  const types = (schema: JsonSchema) => below({ x: { title: 'X', ...schema } })[0]?.type;
  assert.equal(types({ type: ['string', 'null'] }), 'string');
  assert.equal(types({ type: 'string', format: 'date-time' }), 'datetime');
  assert.equal(types({ type: ['integer', 'null'] }), 'integer');
  assert.equal(types({ type: 'number' }), 'number');
  assert.equal(types({ type: 'boolean' }), 'boolean');
  assert.equal(types({ enum: ['a', 'b', null] }), 'string');
  assert.equal(types({ const: true }), 'boolean');
  assert.equal(types({ type: ['string', 'number'] }), undefined);
  assert.equal(types({}), undefined);
  assert.equal(types({ anyOf: [{ type: 'integer' }, { type: 'null' }] }), 'integer');
  assert.equal(types({ allOf: [{ type: 'string' }] }), 'string');
});

test('rows, lists and maps have a form of their own', () => {
  const row = { type: 'object', properties: { name: { type: 'string', title: 'Name' } } };
  assert.deepEqual(
    below({
      rows: { type: 'array', title: 'Rows', items: row },
      tags: { type: 'array', title: 'Tags', items: { type: 'string' } },
      extra: { type: 'object', title: 'Extra', additionalProperties: true },
    }),
    [
      { key: 'data__rows[]name', label: 'Rows Name', type: 'string' },
      { key: 'data__tags', label: 'Tags', type: 'string', list: true },
      { key: 'data__extra', label: 'Extra', dict: true },
    ],
  );
});

test('rows within rows are free-form, since flat keys reach no deeper', () => {
  const inner = { type: 'array', title: 'Parts', items: { type: 'object', properties: { id: { type: 'string' } } } };
  const rows = { type: 'array', title: 'Rows', items: { type: 'object', properties: { parts: inner } } };
  assert.deepEqual(below({ rows }), [{ key: 'data__rows[]parts', label: 'Rows Parts', list: true, dict: true }]);
});

test('a recursive schema ends where it begins again', () => {
  const node = {
    type: 'object',
    title: 'Node',
    properties: {
      id: { type: 'string', title: 'ID' },
      parent: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }], title: 'Parent' },
    },
  };
  assert.deepEqual(below({ node: { $ref: '#/$defs/node' } }, { node }), [
    { key: 'data__node__id', label: 'Node ID', type: 'string' },
    { key: 'data__node__parent', label: 'Node Parent', dict: true },
  ]);
});

test('a filter is an input with the label and the choices of the field that it looks at', () => {
  const plan = {
    type: 'object',
    title: 'Plan',
    properties: {
      id: { type: 'string', title: 'ID', description: 'Identifier of the plan.' },
      cycle: { type: ['string', 'null'], title: 'Cycle', enum: ['one_time', 'monthly', null] },
    },
  };
  const filters = { plan: '/plan/id', cycle: '/plan/cycle' };
  const [project, id, cycle] = inputFields(eventType({ plan }, { scope: 'project', filters }));
  assert.equal(project?.key, 'project_id');
  assert.deepEqual(
    { key: id?.key, label: id?.label, list: id?.list, required: id?.required },
    { key: 'filter_plan', label: 'Plan ID', list: true, required: false },
  );
  assert.match(id?.helpText ?? '', /Leave empty for all\. Identifier of the plan\.$/);
  assert.deepEqual(cycle?.choices, { one_time: 'One Time', monthly: 'Monthly' });
});

test('a filter on the project’s own id is told apart from the input for the project', () => {
  const project = { type: 'object', title: 'Project', properties: { id: { type: 'string', title: 'ID' } } };
  const fields = inputFields(eventType({ project }, { scope: 'project', filters: { project: '/project/id' } }));
  assert.deepEqual(
    fields.map((field) => field.label),
    ['Project ID (project_id)', 'Project ID (filter_project)'],
  );
});
