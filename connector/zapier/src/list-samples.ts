import type { Bundle, ZObject } from 'zapier-platform-core';
import { baseUrl } from './base-url.ts';
import { narrowing } from './narrowing.ts';
import type { Envelope, PublishedEventType } from './published-catalog.ts';

/** What the editor shows while a Zap is made: the team's latest real events of this type, else the catalog's samples. */
export async function listSamples(eventType: PublishedEventType, z: ZObject, bundle: Bundle): Promise<Envelope[]> {
  const { project_id, filters } = narrowing(eventType, bundle);
  const response = await z.request<{ data: Envelope[] }>({
    url: `${baseUrl(z, bundle)}/v1/event-types/${encodeURIComponent(eventType.name)}/samples`,
    params: {
      limit: 3,
      ...(project_id === undefined ? {} : { project_id }),
      ...(filters === undefined ? {} : { filters: JSON.stringify(filters) }),
    },
  });
  return response.data.data;
}
