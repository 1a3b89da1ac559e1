import type { Findings } from './findings.ts';
import { isJsonObject } from './json-object.ts';
import { escapeSegment } from './json-pointer.ts';
import { type Subject, schemaIsSound } from './lint-subject.ts';
import { personalPointers } from './personal.ts';
import { type Shape, shapeOf } from './shape.ts';
import { subschemas } from './subschemas.ts';

/** A field that is marked as personal can be blank, the mark is true or not there, and nothing is chosen by such a field. */
export function lintPersonal(subject: Subject, findings: Findings): void {
  for (const [name, schema] of Object.entries(subject.$defs)) lintMarks(`/$defs/${name}`, schema);
  const known = new Map<unknown, Shape>();
  for (const one of subject.entries) {
    const { entry, at } = one;
    lintMarks(`${at}/schema`, entry.schema);
    if (!findings.sound(`${at}/filters`) || !schemaIsSound(subject, one, findings)) continue;
    const personal = personalPointers(shapeOf(entry.schema, subject.$defs, known));
    for (const [field, pointer] of Object.entries(entry.filters))
      if (personal.some((at) => pointer === at || pointer.startsWith(`${at}/`)))
        findings.add(
          `${at}/filters/${field}`,
          `"${pointer}" is personal (pii): whoever may not read it could guess it`,
        );
  }

  function lintMarks(at: string, schema: unknown): void {
    if (!isJsonObject(schema)) return;
    for (const [key, field] of Object.entries(isJsonObject(schema.properties) ? schema.properties : {})) {
      if (!isJsonObject(field) || field.pii === undefined) continue;
      const pointer = `${at}/properties/${escapeSegment(key)}`;
      if (field.pii !== true) findings.add(`${pointer}/pii`, 'must be true, or left out');
      else if (!canBeBlank(field))
        findings.add(`${pointer}/pii`, 'the field must allow null: that is what callers without member:pii see');
    }
    for (const [pointer, child] of subschemas(schema)) lintMarks(at + pointer, child);
  }
}

/** Whether null, {} or [] is valid, as far as the field itself says. */
function canBeBlank(field: Record<string, unknown>): boolean {
  const types = [field.type ?? []].flat();
  if (types.length === 0 || types.includes('null')) return true;
  if (types.includes('object')) return field.required === undefined && !field.minProperties;
  return types.includes('array') && !field.minItems;
}
