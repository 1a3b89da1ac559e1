import type { Measure } from '../measure.ts';
import { measurePublishing, singlePublishes } from '../publishing.ts';

const COUNT = 8000;

/** The same with ten endpoints, each event to all of them. */
export const ten: Measure = {
  name: 'ten',
  needs: ['raw'],
  run: (bench, found) =>
    bench.withServer(async (server) => {
      for (let index = 0; index < 10; index += 1)
        await server.addEndpoint(bench.sample.type, `${bench.receiverUrl}/${index}`);
      const values = await measurePublishing(
        bench,
        server,
        'ten',
        singlePublishes([bench.sample.bodyFor('prj_0')], COUNT, 10),
      );
      return { ...values, 'ten.ratio': (values['ten.rate'] ?? Number.NaN) / (found['raw.rate'] ?? Number.NaN) };
    }),
};
