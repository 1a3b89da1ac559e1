import type { Catalog } from '../catalog/types.ts';
import type { Rights } from '../model.ts';
import { Problem } from '../problem.ts';

/** Refuses an endpoint for a project that its maker's token is not for. @throws Problem 403 `project_not_allowed`. */
export function checkProject({ projects }: Pick<Rights, 'projects'>, projectId: string | null): void {
  if (projects === null || (projectId !== null && projects.includes(projectId))) return;
  const own = projects.map((id) => `"${id}"`).join(', ');
  const what = projectId === null ? 'no project is named' : `"${projectId}" is named`;
  throw new Problem(
    403,
    'project_not_allowed',
    `This token is for ${own} alone, and ${what}. Send one of its projects as project_id, or use a token of the whole team.`,
    { errors: [{ pointer: '/project_id', message: `must be one of ${own}` }] },
  );
}

/**
 * The families that patterns cover and their maker may not have, as an endpoint keeps them: `*` does without them.
 * @throws Problem 403 `ability_missing` when one of them is asked for by name.
 */
export function barredFamilies(
  catalog: Catalog,
  { barredFamilies: barred }: Rights,
  patterns: readonly string[],
): string | null {
  if (barred.length === 0) return null;
  patterns.forEach((pattern, index) => {
    const family = pattern.split('.', 1)[0] ?? '';
    if (!barred.includes(family)) return;
    const type = [...catalog.types.values()].find((one) => one.family === family);
    throw new Problem(
      403,
      'ability_missing',
      `Events of the family "${family}" want the ability "${type?.requiredAbility}", which this token lacks. Leave "${pattern}" out, or use a token that has it.`,
      { errors: [{ pointer: `/events/${index}`, message: `needs ${type?.requiredAbility}` }] },
    );
  });
  return JSON.stringify(barred);
}
