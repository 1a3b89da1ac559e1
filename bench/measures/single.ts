import type { Measure } from '../measure.ts';
import { measurePublishing, singlePublishes } from '../publishing.ts';
import { projectsOf } from '../sample.ts';

const COUNT = 40_000;
const ENDPOINTS = 16;

/** Publish over HTTP -> 202 -> delivered: 16 endpoints, each event to one of them. */
export const single: Measure = {
  name: 'single',
  needs: ['raw'],
  run: (bench, found) =>
    bench.withServer(async (server) => {
      const projects = projectsOf(ENDPOINTS);
      for (const project of projects)
        await server.addEndpoint(bench.sample.type, `${bench.receiverUrl}/${project}`, project);
      const values = await measurePublishing(
        bench,
        server,
        'single',
        singlePublishes(projects.map(bench.sample.bodyFor), COUNT, 1),
      );
      return { ...values, 'single.ratio': (values['single.rate'] ?? Number.NaN) / (found['raw.rate'] ?? Number.NaN) };
    }),
};
