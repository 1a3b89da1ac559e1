import { stores } from '../support/stores.ts';
import { NotRun, type Scale, type Scenario, type StoreName } from './scenario.ts';
import { openStage } from './stage.ts';

/** How a scenario went. */
export interface Played {
  result: 'passed' | 'failed' | 'not run';
  /** Its numbers, or why it did not pass. */
  says: string;
  seconds: number;
}

/** Longer than any scenario takes on a slow machine. */
const MOST_MS = 240_000;

/** Plays a scenario on a stage of its own. */
export async function play(scenario: Scenario, store: StoreName, scale: Scale): Promise<Played> {
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 100) / 10;
  try {
    const says = await withStage(scenario, store, scale);
    return { result: 'passed', says, seconds: seconds() };
  } catch (error) {
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof NotRun) return { result: 'not run', says: error.message, seconds: seconds() };
    return { result: 'failed', says, seconds: seconds() };
  }
}

async function withStage(scenario: Scenario, name: StoreName, scale: Scale): Promise<string> {
  const ordinary = stores.find((one) => one.name === name);
  const store = await (scenario.makeStore?.(name) ?? ordinary?.make());
  if (store === undefined) throw new Error(`there is no store ${name}`);
  await using stage = await openStage(store);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${MOST_MS / 1000} s`)), MOST_MS);
  });
  try {
    return await Promise.race([scenario.play({ store: name, scale, stage }), late]);
  } finally {
    clearTimeout(timer);
  }
}
