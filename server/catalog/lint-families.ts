import type { Findings } from './findings.ts';
import type { Subject } from './lint-subject.ts';
import type { EventSet } from './types.ts';

const SETS: EventSet[] = ['core', 'extended', 'system'];

/** Each event type is in a known family, which is its name's first segment; and the families' counts are right. */
export function lintFamilies({ document, entries, builtIn }: Subject, findings: Findings): void {
  if (!findings.sound('/families')) return;
  const { families } = document;
  for (const name of Object.keys(builtIn?.families ?? {})) {
    if (Object.hasOwn(families, name))
      findings.add(`/families/${name}`, `"${name}" is a built-in family: rename this one`);
  }

  const found = new Map<string, number>();
  for (const { entry, at } of entries) {
    if (findings.sound(`${at}/set`)) {
      if (builtIn && entry.set === 'system')
        findings.add(`${at}/set`, '"system" is for built-in event types: use core or extended');
      found.set(`${entry.family} ${entry.set}`, (found.get(`${entry.family} ${entry.set}`) ?? 0) + 1);
    }
    if (!findings.sound(`${at}/family`)) continue;
    if (!Object.hasOwn(families, entry.family)) {
      findings.add(`${at}/family`, `there is no family "${entry.family}" in /families: add it or correct the name`);
    } else if (findings.sound(`${at}/name`) && !entry.name.startsWith(`${entry.family}.`)) {
      findings.add(`${at}/family`, `the name "${entry.name}" must start with its family, "${entry.family}."`);
    }
  }

  for (const [name, { counts }] of Object.entries(families)) {
    for (const set of SETS) {
      const said = counts[set] ?? 0;
      const there = found.get(`${name} ${set}`) ?? 0;
      if (said === there) continue;
      findings.add(
        `/families/${name}/counts/${set}`,
        `says ${said}, but the family has ${there} event types in the ${set} set`,
      );
    }
  }
}
