import type { EventType } from '../catalog/types.ts';
import type { components } from './generated/openapi.ts';

/** An event type as the API shows it; its schema and samples are behind the links. */
export function showEventType(type: EventType): components['schemas']['EventType'] {
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
