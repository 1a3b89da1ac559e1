import type { Catalog } from '../catalog/types.ts';
import type { Caller, EventScope, Rights } from '../model.ts';

/** Whether a caller may read the fields that the catalog marks as personal (`pii`). */
export function mayReadPersonal(caller: Caller): boolean {
  return caller.abilities.has('member:pii');
}

/** The token that an endpoint is noted to be made with; null for the operator, whose token is nobody's to revoke. */
export function madeBy(caller: Caller): string | null {
  return caller.isOperator ? null : caller.tokenId;
}

/** What a caller may have sent to an endpoint of its own. */
export function rightsOf(catalog: Catalog, caller: Caller): Rights {
  const barred = barredTypes(catalog, caller).map((type) => type.family);
  return { isPersonal: mayReadPersonal(caller), projects: caller.projects, barredFamilies: [...new Set(barred)] };
}

/** Which events a caller may read. */
export function scopeOf(catalog: Catalog, caller: Caller): EventScope {
  return { projects: caller.projects, barredTypes: barredTypes(catalog, caller).map(({ name }) => name) };
}

/** Whether a caller may read an event. */
export function isInScope(
  { projects, barredTypes }: EventScope,
  event: { project_id: string | null; type: string },
): boolean {
  const isOfProject = projects === null || (event.project_id !== null && projects.includes(event.project_id));
  return isOfProject && !barredTypes.includes(event.type);
}

/** Whether an endpoint is one that a caller may see. */
export function isOfProjects({ projects }: Caller, endpoint: { project_id: string | null }): boolean {
  return projects === null || (endpoint.project_id !== null && projects.includes(endpoint.project_id));
}

function barredTypes(catalog: Catalog, caller: Caller) {
  if (caller.isOperator) return [];
  return [...catalog.types.values()].filter(
    ({ requiredAbility }) => requiredAbility !== null && !caller.abilities.has(requiredAbility),
  );
}
