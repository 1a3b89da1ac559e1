import { measures } from '../measures/measures.ts';
import { startBench } from '../start-bench.ts';
import type { BenchStore } from '../store.ts';
import { createProfiler } from './profiler.ts';

/** Measures whose measured part is one stretch of deliveries. */
const PROFILED = ['single', 'ten', 'batch', 'spread', 'backlog'];

/** Runs measures with the server under the profiler and prints where its time goes; rates are those of a profiled server. */
export async function profile(store: BenchStore, names: readonly string[] = ['single', 'ten']): Promise<void> {
  for (const name of names) {
    const measure = measures.find((one) => one.name === name);
    if (measure === undefined || !PROFILED.includes(name))
      throw new Error(`"${name}" cannot be profiled; ${PROFILED.join(', ')} can`);
    const { flags, probe, report } = createProfiler(store.engine);
    const bench = await startBench(store, flags, probe);
    try {
      const values = await measure.run(bench, {});
      if (typeof values === 'string') console.log(`${name}: SKIPPED, ${values}`);
      else console.log(`## ${name}\n\n${report()}\n`);
    } finally {
      bench.stop();
    }
  }
}
