import type { Findings } from './findings.ts';
import { isJsonObject } from './json-object.ts';
import { escapeSegment } from './json-pointer.ts';
import type { Subject } from './lint-subject.ts';
import { subschemas } from './subschemas.ts';

// Fields of conditions (`if`, `not`, ...) are not fields of the data.
const HOLDS_FIELDS = /^\/(properties|items|prefixItems|additionalProperties|allOf|anyOf|oneOf)(\/|$)/;

/** Every field, at any depth, has a title and a description and is always there. */
export function lintFields({ entries, $defs }: Subject, findings: Findings): void {
  for (const [name, schema] of Object.entries($defs)) lint(`/$defs/${name}`, schema);
  for (const { entry, at } of entries) lint(`${at}/schema`, entry.schema);

  function lint(at: string, schema: unknown): void {
    if (!isJsonObject(schema)) return;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    for (const [key, field] of Object.entries(isJsonObject(schema.properties) ? schema.properties : {})) {
      const pointer = `${at}/properties/${escapeSegment(key)}`;
      for (const word of ['title', 'description']) {
        const text = isJsonObject(field) ? field[word] : undefined;
        if (typeof text === 'string' && text.trim() !== '') continue;
        findings.add(pointer, `the field "${key}" needs a ${word}: no-code users see it`);
      }
      if (required.has(key)) continue;
      findings.add(pointer, `the field "${key}" must be in "required": every key is delivered, null without a value`);
    }
    for (const [pointer, child] of subschemas(schema)) if (HOLDS_FIELDS.test(pointer)) lint(at + pointer, child);
  }
}
