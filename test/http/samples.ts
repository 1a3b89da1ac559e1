import type { Api } from './api.ts';

/** The first publishable event type of the catalog with this scope, and a body that publishes its sample. */
export function publishable(api: Api, scope: 'project' | 'team' = 'project') {
  const type = [...api.hookloom.catalog.types.values()].find((one) => one.publishable && one.scope === scope);
  const sample = type?.samples[0];
  if (type === undefined || sample === undefined) throw new Error(`no publishable event type of scope ${scope}`);
  const body = { type: type.name, data: sample.data, ...(scope === 'project' ? { project_id: 'prj_1' } : {}) };
  return { type, sample, body };
}

/** Nothing listens there: deliveries fail, which is all that tests of the API need. */
export const DEAD_TARGET = 'http://127.0.0.1:9/hook';
