import { loadCatalog } from '../server/catalog/load.ts';

/** The event that is published: a sample of the catalog with about 2 KB of data. */
export interface Sample {
  type: string;
  /** The envelope as JSON. */
  envelope: string;
  /** The body of a publish for a project. */
  bodyFor(project: string): string;
}

/** Picks the first event of a project whose sample has 2 KB. @throws when the catalog has none. */
export function pickSample(catalogPath = 'events.json'): Sample {
  const types = [...loadCatalog(catalogPath).types.values()];
  for (const type of types) {
    const [sample] = type.samples;
    if (sample === undefined || !type.publishable || type.scope !== 'project') continue;
    const envelope = JSON.stringify(sample);
    if (envelope.length <= 2000) continue;
    return {
      type: type.name,
      envelope,
      bodyFor: (project) => JSON.stringify({ type: type.name, project_id: project, data: sample.data }),
    };
  }
  throw new Error('the catalog has no project event whose sample has 2 KB');
}

/** Names of `count` projects, for endpoints that share what is published. */
export function projectsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `prj_${index}`);
}
