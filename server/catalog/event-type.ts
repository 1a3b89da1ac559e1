import type { ValidateFunction } from 'ajv/dist/2020.js';
import { fieldFaults } from './field-faults.ts';
import { compileFill, type Fill } from './fill.ts';
import { pointerSegments, valueAt } from './json-pointer.ts';
import { lazily } from './lazily.ts';
import { personalPointers, tracesOf, withoutPerson, withoutPersonal } from './personal.ts';
import { compileRename, type Rename } from './rename.ts';
import { selfContained } from './self-contained.ts';
import { type Shape, shapeOf } from './shape.ts';
import type { CatalogDocument, Dialect, Envelope, EventType, EventTypeEntry } from './types.ts';

/** What all event types of one document share. */
export interface EventTypeContext {
  apiVersion: string;
  $defs: CatalogDocument['$defs'];
  dialects: Readonly<Record<string, Dialect>>;
  families: CatalogDocument['families'];
  shapes: Map<unknown, Shape>;
  fills: Map<Shape, Fill>;
}

/** Makes an entry of the file into an event type that can be published, delivered and shown; what is not asked for is not made. */
export function eventType(entry: EventTypeEntry, validator: ValidateFunction, context: EventTypeContext): EventType {
  const shape = lazily(() => shapeOf(entry.schema, context.$defs, context.shapes));
  const fill = lazily(() => compileFill(shape(), context.fills));
  const renames = lazily(() => renamesOf(shape(), context.dialects));
  const pii = lazily(() => personalPointers(shape()));
  const schema = lazily(() => selfContained(entry.schema, context.$defs));
  const samples = lazily(() => samplesOf(entry, fill(), context.apiVersion));
  const filters = new Map(Object.entries(entry.filters).map(([field, at]) => [field, pointerSegments(at) ?? []]));

  return {
    ...entry,
    aliases: entry.aliases ?? {},
    get pii() {
      return pii();
    },
    get schema() {
      return schema();
    },
    get samples() {
      return samples();
    },
    requiredAbility: context.families[entry.family]?.required_ability ?? null,
    publishable: entry.status === 'active' && entry.set !== 'system',
    fill: (data) => fill()(data),
    validate: (data) => (validator(data) ? [] : fieldFaults(validator.errors ?? [], data)),
    rename: (dialect, data) => renames().get(dialect)?.(data) ?? data,
    withoutPersonal: (data) => withoutPersonal(shape(), data),
    tracesOf: (data, person) => tracesOf(shape(), data, person),
    withoutPerson: (data, person) => withoutPerson(shape(), data, person),
    filterValue: (field, data) => {
      const segments = filters.get(field);
      return segments && valueAt(data, segments);
    },
  };
}

function renamesOf(shape: Shape, dialects: Readonly<Record<string, Dialect>>): Map<string, Rename | null> {
  return new Map(Object.entries(dialects).map(([name, { renames }]) => [name, compileRename(shape, renames)]));
}

function samplesOf(entry: EventTypeEntry, fill: Fill, apiVersion: string): Envelope[] {
  return entry.samples.map((sample) => ({
    id: sample.id,
    type: entry.name,
    created_at: sample.created_at,
    api_version: apiVersion,
    project_id: sample.project_id,
    data: fill(sample.data),
  }));
}
