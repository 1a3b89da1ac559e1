import type { Findings } from './findings.ts';
import { pointerSegments } from './json-pointer.ts';
import { type Subject, schemaIsSound } from './lint-subject.ts';
import { type Shape, shapeOf } from './shape.ts';

/** A filter points at a field that the schema declares and that holds one comparable value. */
export function lintFilters(subject: Subject, findings: Findings): void {
  const known = new Map<unknown, Shape>();
  for (const one of subject.entries) {
    const { entry, at } = one;
    if (!findings.sound(`${at}/filters`) || !schemaIsSound(subject, one, findings)) continue;
    const shape = shapeOf(entry.schema, subject.$defs, known);
    for (const [field, pointer] of Object.entries(entry.filters)) {
      const target = fieldAt(shape, pointerSegments(pointer) ?? []);
      if (!target) findings.add(`${at}/filters/${field}`, `"${pointer}" points at no field of the schema`);
      else if (target.structured) {
        findings.add(`${at}/filters/${field}`, `"${pointer}" points at an object or a list: point at one value in it`);
      }
    }
  }
}

function fieldAt(shape: Shape, segments: readonly string[]): Shape | null {
  let here: Shape | undefined = shape;
  for (const segment of segments) here = here?.keys.get(segment)?.shape;
  return here ?? null;
}
