import type { ValidateFunction } from 'ajv/dist/2020.js';
import { fieldFaults } from './field-faults.ts';
import { compileFill, type Fill } from './fill.ts';
import { pointerSegments, valueAt } from './json-pointer.ts';
import { personalPointers, tracesOf, withoutPerson, withoutPersonal } from './personal.ts';
import { compileRename, type Rename } from './rename.ts';
import { selfContained } from './self-contained.ts';
import { type Shape, shapeOf } from './shape.ts';
import type { CatalogDocument, Dialect, EventType, EventTypeEntry } from './types.ts';

/** What all event types of one document share. */
export interface EventTypeContext {
  apiVersion: string;
  $defs: CatalogDocument['$defs'];
  dialects: Readonly<Record<string, Dialect>>;
  families: CatalogDocument['families'];
  shapes: Map<unknown, Shape>;
  fills: Map<Shape, Fill>;
}

/** Makes an entry of the file into an event type that can be published, delivered and shown. */
export function eventType(entry: EventTypeEntry, validator: ValidateFunction, context: EventTypeContext): EventType {
  const shape = shapeOf(entry.schema, context.$defs, context.shapes);
  const fill = compileFill(shape, context.fills);
  const renames = new Map<string, Rename | null>();
  for (const [dialect, { renames: words }] of Object.entries(context.dialects)) {
    renames.set(dialect, compileRename(shape, words));
  }
  const filters = new Map(Object.entries(entry.filters).map(([field, at]) => [field, pointerSegments(at) ?? []]));

  return {
    ...entry,
    aliases: entry.aliases ?? {},
    pii: personalPointers(shape),
    schema: selfContained(entry.schema, context.$defs),
    samples: entry.samples.map((sample) => ({
      id: sample.id,
      type: entry.name,
      created_at: sample.created_at,
      api_version: context.apiVersion,
      project_id: sample.project_id,
      data: fill(sample.data),
    })),
    requiredAbility: context.families[entry.family]?.required_ability ?? null,
    publishable: entry.status === 'active' && entry.set !== 'system',
    fill,
    validate: (data) => (validator(data) ? [] : fieldFaults(validator.errors ?? [], data)),
    rename: (dialect, data) => renames.get(dialect)?.(data) ?? data,
    withoutPersonal: (data) => withoutPersonal(shape, data),
    tracesOf: (data, person) => tracesOf(shape, data, person),
    withoutPerson: (data, person) => withoutPerson(shape, data, person),
    filterValue: (field, data) => {
      const segments = filters.get(field);
      return segments && valueAt(data, segments);
    },
  };
}
