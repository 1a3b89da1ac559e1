/** Conditions that narrow a statement to what a caller may read. */
import type { EventScope } from '../model.ts';
import type { Value } from './database.ts';

/** The condition that a column is one of a token's projects; none for a token of the whole team. Adds its parameters. */
export function amongProjects(column: string, projects: readonly string[] | null, params: Value[]): string[] {
  return projects === null ? [] : [`${column} in (${projects.map((id) => `?${params.push(id)}`).join(', ')})`];
}

/** The conditions that an event is one that a caller may read. Adds their parameters. */
export function inScope(
  columns: { project: string; type: string },
  { projects, barredTypes }: EventScope,
  params: Value[],
): string[] {
  const barred = barredTypes.map((type) => `?${params.push(type)}`).join(', ');
  const types = barred === '' ? [] : [`${columns.type} not in (${barred})`];
  return [...amongProjects(columns.project, projects, params), ...types];
}
