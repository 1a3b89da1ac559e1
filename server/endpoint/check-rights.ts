import { isPersonalForm } from '../catalog/dialect-form.ts';
import type { Catalog } from '../catalog/types.ts';
import type { EndpointRow, Rights } from '../model.ts';
import { Problem } from '../problem.ts';
import type { AskedName } from './check-events.ts';

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
 * The families that an endpoint's maker may not have, as an endpoint keeps them: `*` does without them.
 * @throws Problem 403 `ability_missing` when one of them is asked for by name.
 */
export function barredFamilies(
  catalog: Catalog,
  { barredFamilies: barred }: Rights,
  asked: readonly AskedName[],
): string | null {
  if (barred.length === 0) return null;
  asked.forEach(({ name, patterns }, index) => {
    const family = barred.find((one) => patterns.some((pattern) => pattern.split('.', 1)[0] === one));
    if (family === undefined) return;
    const ability = abilityOf(catalog, family);
    throw new Problem(
      403,
      'ability_missing',
      `Events of the family "${family}" want the ability "${ability}", which this token lacks. Leave "${name}" out, or use a token that has it.`,
      { errors: [{ pointer: `/events/${index}`, message: `needs ${ability}` }] },
    );
  });
  return JSON.stringify(barred);
}

/**
 * Whoever leads an endpoint's deliveries to another URL must be allowed what they have in them.
 * @param patterns what the endpoint asks for, in our names
 * @throws Problem 403 `ability_missing`
 */
export function checkLeading(
  catalog: Catalog,
  { isPersonal, barredFamilies: barred }: Rights,
  endpoint: Pick<EndpointRow, 'dialect' | 'barred'>,
  patterns: readonly string[],
): void {
  const has = (family: string) => patterns.some((pattern) => pattern === '*' || pattern.split('.', 1)[0] === family);
  const without = JSON.parse(endpoint.barred ?? '[]') as string[];
  const family = barred.find((one) => has(one) && !without.includes(one));
  if (family !== undefined) throw cannotLead(`events of the family "${family}"`, abilityOf(catalog, family));
  if (!isPersonal && isPersonalForm(endpoint.dialect)) throw cannotLead('personal fields', 'member:pii');
}

function cannotLead(what: string, ability: string): Problem {
  return new Problem(
    403,
    'ability_missing',
    `Deliveries to this endpoint have ${what}, so that only a token with "${ability}" may send them to another URL. Make an endpoint of your own: its deliveries do without.`,
    { errors: [{ pointer: '/url', message: `needs ${ability}` }] },
  );
}

/** What a family wants of a token. */
function abilityOf(catalog: Catalog, family: string): string {
  return [...catalog.types.values()].find((type) => type.family === family)?.requiredAbility ?? '';
}
