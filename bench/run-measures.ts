import type { Bench, Measure, Values } from './measure.ts';
import { median } from './statistics.ts';

/** What some runs of some measures gave. */
export interface Results {
  /** Every run's own values, and their medians. */
  each: Values[];
  medians: Values;
  /** Measures that gave no values, and why. */
  absent: Record<string, string>;
}

/** Runs the measures one after the other, `runs` times, and says what each gave as it goes. */
export async function runMeasures(bench: Bench, measures: readonly Measure[], runs: number): Promise<Results> {
  const each: Values[] = [];
  const absent: Record<string, string> = {};
  for (let run = 1; run <= runs; run += 1) {
    const found: Values = {};
    each.push(found);
    for (const measure of measures) {
      if (measure.once === true && run > 1) continue;
      const startedAt = performance.now();
      const values = await measure.run(bench, found);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      if (typeof values === 'string') {
        absent[measure.name] = values;
        console.log(`run ${run}, ${measure.name}: SKIPPED, ${values}`);
      } else {
        Object.assign(found, values);
        console.log(`run ${run}, ${measure.name} (${seconds} s): ${JSON.stringify(rounded(values))}`);
      }
    }
  }
  return { each, medians: mediansOf(each), absent };
}

/** A value that not every run has, has the median of those that do. */
function mediansOf(each: readonly Values[]): Values {
  const medians: Values = {};
  for (const name of new Set(each.flatMap((values) => Object.keys(values))))
    medians[name] = median(each.flatMap((values) => values[name] ?? []));
  return medians;
}

function rounded(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
