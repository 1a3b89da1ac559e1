import type { Findings } from './findings.ts';
import type { Subject } from './lint-subject.ts';

/** Names are unique, also once dots become underscores: platforms make keys of them that can never be changed. */
export function lintNames({ entries, builtIn }: Subject, findings: Findings): void {
  const keys = new Map<string, string>();
  for (const { name } of builtIn?.events ?? []) keys.set(name.replaceAll('.', '_'), name);
  for (const { entry, at } of entries) {
    if (!findings.sound(`${at}/name`)) continue;
    const key = entry.name.replaceAll('.', '_');
    const taken = keys.get(key);
    keys.set(key, taken ?? entry.name);
    if (taken === undefined) continue;
    findings.add(
      `${at}/name`,
      taken === entry.name
        ? `"${entry.name}" is there already: give each event type a name of its own`
        : `"${entry.name}" and "${taken}" have the same key "${key}" once dots become underscores: rename one`,
    );
  }
}
