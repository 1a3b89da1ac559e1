import type { PlainOutputField } from 'zapier-platform-core';
import { joinTitles, titleOf } from './join-titles.ts';
import type { PublishedCatalog, PublishedEventType } from './published-catalog.ts';
import { type Definitions, isObject } from './resolve-schema.ts';
import { type SchemaField, schemaFields } from './schema-fields.ts';

/** A labelled, typed output field for every value of the envelope and of the event type's data. */
export function outputFields(
  eventType: PublishedEventType,
  envelope: PublishedCatalog['envelope'],
): PlainOutputField[] {
  const $defs = (eventType.schema.$defs ?? {}) as Definitions;
  const about = titleOf(envelope, 'event');
  const around = isObject(envelope.properties) ? Object.entries(envelope.properties) : [];
  const fields = around.flatMap(([key, schema]): SchemaField[] => {
    if (key === 'data') return schemaFields(eventType.schema, $defs, key);
    const own = isObject(schema) ? schema : {};
    return schemaFields(own, {}, key).map((field) => ({ ...field, titles: [about, titleOf(own, key)] }));
  });
  return withOwnLabels(fields).map(({ field, label }) => ({
    key: field.key,
    label,
    ...(field.type === undefined ? {} : { type: field.type }),
    ...(field.isList ? { list: true } : {}),
    ...(field.isMap ? { dict: true } : {}),
  }));
}

/** Two fields with one label could not be told apart in the editor, so these also show their keys. */
function withOwnLabels(fields: SchemaField[]): { field: SchemaField; label: string }[] {
  const labelled = fields.map((field) => ({ field, label: joinTitles(field.titles) }));
  const times = new Map<string, number>();
  for (const { label } of labelled) times.set(label, (times.get(label) ?? 0) + 1);
  return labelled.map(({ field, label }) => ({
    field,
    label: times.get(label) === 1 ? label : `${label} (${field.key.replaceAll(/__|\[\]/g, ' ')})`,
  }));
}
