import type { Bundle } from 'zapier-platform-core';
import { filterKey, PROJECT_KEY } from './input-fields.ts';
import type { PublishedEventType } from './published-catalog.ts';

/** What a user narrowed a trigger by, in the words of the API; nothing where they left the fields empty. */
export interface Narrowing {
  project_id?: string;
  filters?: Record<string, string[]>;
}

/** Reads the input fields of a trigger. */
export function narrowing(eventType: PublishedEventType, bundle: Bundle): Narrowing {
  const [project] = values(bundle.inputData[PROJECT_KEY]);
  const filters: Record<string, string[]> = {};
  for (const name of Object.keys(eventType.filters)) {
    const wanted = values(bundle.inputData[filterKey(name)]);
    if (wanted.length > 0) filters[name] = wanted;
  }
  return {
    ...(project !== undefined && eventType.scope === 'project' ? { project_id: project } : {}),
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
  };
}

/** Zapier gives a list field as an array, and as plain text when it was filled from another step. */
function values(input: unknown): string[] {
  const given = Array.isArray(input) ? input : [input];
  return given
    .filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
    .map((value) => String(value).trim())
    .filter((value) => value !== '');
}
