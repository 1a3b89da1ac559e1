import assert from 'node:assert/strict';
import type { Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import type { Publishing, Stage } from './stage.ts';

/** Resolves when publishers have got so many more replies with such a status. */
export async function moreReplies(stage: Stage, fits: (status: number) => boolean, count = 20): Promise<void> {
  const replies = (): number => stage.client().filter((one) => one.entry === 'replied' && fits(one.status)).length;
  const before = replies();
  await until(() => replies() >= before + count, 'the publishers to be answered so', 60_000);
}

/** Ends the publishing and settles; whatever was refused must have been refused because the database was away. */
export async function endOfRefusals(
  stage: Stage,
  program: Program,
  publishing: Publishing,
): Promise<{ answered: number; again: number; refused: number }> {
  publishing.stop();
  await publishing.done;
  await stage.settle(program);
  const { answered, again } = await stage.verdict(program);
  const refused = stage.client().filter((one) => one.entry === 'replied' && one.status !== 202);
  const codes = new Set(refused.map((one) => (one.entry === 'replied' ? `${one.status} ${one.code}` : '')));
  assert.deepEqual([...codes], ['503 storage_unavailable']);
  return { answered, again, refused: refused.length };
}
