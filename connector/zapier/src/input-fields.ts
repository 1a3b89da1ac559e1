import type { PlainInputField } from 'zapier-platform-core';
import { fieldType } from './field-type.ts';
import { joinTitles, titleCase, titleOf } from './join-titles.ts';
import { ownLabels } from './own-labels.ts';
import type { JsonSchema, PublishedEventType } from './published-catalog.ts';
import { type Definitions, isObject, resolveSchema } from './resolve-schema.ts';

type LabelledField = PlainInputField & { label: string };

/** Key of the input that narrows a trigger to one project. */
export const PROJECT_KEY = 'project_id';

/** Key of the input for a filter; the prefix keeps it apart from any other input, whatever a catalog names its filters. */
export function filterKey(filter: string): string {
  return `filter_${filter}`;
}

/** What a user may narrow the trigger by: one project, where events belong to projects, and every filter of the type. */
export function inputFields(eventType: PublishedEventType): PlainInputField[] {
  const project: LabelledField = {
    key: PROJECT_KEY,
    label: 'Project ID',
    type: 'string',
    required: false,
    helpText: 'Trigger only for this project. Leave empty for all projects.',
  };
  const filters = Object.entries(eventType.filters).map(([name, pointer]) => filterField(eventType, name, pointer));
  return ownLabels(eventType.scope === 'project' ? [project, ...filters] : filters);
}

function filterField(eventType: PublishedEventType, name: string, pointer: string): LabelledField {
  const { titles, schema } = fieldAt(eventType, pointer);
  const choices = choicesOf(schema);
  const description = typeof schema.description === 'string' ? ` ${schema.description}` : '';
  return {
    key: filterKey(name),
    label: joinTitles(titles.length > 0 ? titles : [titleCase(name)]),
    type: 'string',
    required: false,
    list: true,
    helpText: `Trigger only for one of these values. Leave empty for all.${description}`.slice(0, 1000),
    ...(choices === undefined ? {} : { choices }),
  };
}

/** The (resolved) schema that a JSON pointer into `data` leads to, and the titles on the way. */
function fieldAt(eventType: PublishedEventType, pointer: string): { titles: string[]; schema: JsonSchema } {
  const $defs = (eventType.schema.$defs ?? {}) as Definitions;
  let { schema } = resolveSchema(eventType.schema, $defs);
  const titles: string[] = [];
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    schema = resolveSchema(isObject(schema.properties) ? schema.properties[key] : undefined, $defs).schema;
    titles.push(titleOf(schema, key));
  }
  return { titles, schema };
}

/** A dropdown where the schema lists the values. */
function choicesOf(schema: JsonSchema): Record<string, string> | undefined {
  if (fieldType(schema) === 'boolean') return { true: 'Yes', false: 'No' };
  const values = Array.isArray(schema.enum) ? schema.enum.filter((value) => value !== null) : [];
  if (values.length === 0) return undefined;
  return Object.fromEntries(values.map((value) => [String(value), titleCase(String(value))]));
}
