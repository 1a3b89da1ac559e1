import type { PlainOutputField } from 'zapier-platform-core';
import { joinTitles, titleOf } from './join-titles.ts';
import { ownLabels } from './own-labels.ts';
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
  return ownLabels(
    fields.map(({ key, titles, type, isList, isMap }) => ({
      key,
      label: joinTitles(titles),
      ...(type === undefined ? {} : { type }),
      ...(isList ? { list: true } : {}),
      ...(isMap ? { dict: true } : {}),
    })),
  );
}
