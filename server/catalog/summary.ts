import type { EventType } from './types.ts';

/** What is public of an event type, but for its schema, samples and the vendors' words: the document and the API show the same. */
export function summaryOf(type: EventType) {
  return {
    name: type.name,
    key: type.name.replaceAll('.', '_'),
    family: type.family,
    set: type.set,
    status: type.status,
    publishable: type.publishable,
    has_trigger: type.publishable,
    label: type.label,
    noun: type.noun,
    fires_when: type.fires_when,
    notes: [...type.notes],
    scope: type.scope,
    introduced_in: type.introduced_in,
    filters: { ...type.filters },
    links: { schema: `/v1/event-types/${type.name}/schema`, samples: `/v1/event-types/${type.name}/samples` },
  };
}
