import type { Findings } from './findings.ts';
import type { Subject } from './lint-subject.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Aliases name dialects that exist, and a dialect's renames never make two fields of an object into one. */
export function lintDialects({ document, entries, $defs }: Subject, findings: Findings): void {
  const dialects = document.dialects ?? {};
  if (!findings.sound('/dialects')) return;
  const known = new Map<unknown, Shape>();
  for (const { entry, at } of entries) {
    if (findings.sound(`${at}/aliases`)) {
      for (const dialect of Object.keys(entry.aliases ?? {})) {
        if (Object.hasOwn(dialects, dialect)) continue;
        findings.add(
          `${at}/aliases/${dialect}`,
          `there is no dialect "${dialect}" in /dialects: add it or correct the name`,
        );
      }
    }
    if (findings.sound(`${at}/schema`)) shapeOf(entry.schema, $defs, known);
  }
  // Every object of every schema is in `known` by now; a collision is reported once, for the dialect that makes it.
  for (const [dialect, { renames }] of Object.entries(dialects)) {
    for (const [from, to] of Object.entries(renames)) {
      if ([...known.values()].some(({ keys }) => keys.has(from) && keys.has(to) && !Object.hasOwn(renames, to))) {
        findings.add(
          `/dialects/${dialect}/renames/${from}`,
          `"${from}" cannot become "${to}": some object has both fields`,
        );
      }
    }
  }
}
