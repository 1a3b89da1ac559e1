import type { Measure } from '../measure.ts';
import { backlog } from './backlog.ts';
import { batch } from './batch.ts';
import { half } from './half.ts';
import { hanging } from './hanging.ts';
import { idle } from './idle.ts';
import { raw } from './raw.ts';
import { replay } from './replay.ts';
import { single } from './single.ts';
import { spread } from './spread.ts';
import { ten } from './ten.ts';

/** Every measure, in the order in which a run takes them: a measure stands behind those that it needs. */
export const measures: readonly Measure[] = [raw, single, ten, batch, idle, half, hanging, replay, spread, backlog];

/** The measures of these names and those that they need. @throws for a name that there is not. */
export function choose(names: readonly string[] | undefined): Measure[] {
  if (names === undefined) return [...measures];
  const chosen = new Set<string>();
  const add = (name: string): void => {
    const measure = measures.find((one) => one.name === name);
    if (measure === undefined)
      throw new Error(`there is no measure "${name}"; there are ${measures.map((one) => one.name).join(', ')}`);
    chosen.add(name);
    for (const needed of measure.needs ?? []) add(needed);
  };
  for (const name of names) add(name);
  return measures.filter(({ name }) => chosen.has(name));
}
