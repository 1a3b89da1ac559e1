import type { Findings } from './findings.ts';
import { isJsonObject } from './json-object.ts';
import { escapeSegment } from './json-pointer.ts';
import type { Subject } from './lint-subject.ts';
import { definitionName, reachableDefinitions } from './self-contained.ts';
import { subschemas } from './subschemas.ts';

/** Schemas are valid JSON Schema, refer to definitions that exist, and say title and description for every field. */
export function lintSchemas({ entries, $defs, validators }: Subject, findings: Findings): void {
  for (const [name, schema] of Object.entries($defs)) {
    lintSchema(`/$defs/${name}`, schema, () => validators.definition(name));
  }
  for (const { entry, at, index } of entries) {
    if (findings.sound(`${at}/schema`)) lintSchema(`${at}/schema`, entry.schema, () => validators.event(index));
  }

  function lintSchema(at: string, schema: unknown, compile: () => unknown): void {
    for (const error of validators.schemaErrors(schema)) {
      findings.add(at + error.instancePath, `is not valid JSON Schema: ${error.message ?? error.keyword}`);
    }
    lintReferences(at, schema);
    // What a definition has wrong is said once, there, and not again for each event type that uses it.
    const used = reachableDefinitions(schema, $defs);
    if (findings.sound(at) && used.every((name) => findings.sound(`/$defs/${name}`))) {
      try {
        compile();
      } catch (error) {
        findings.add(at, `is not valid JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    lintFields(at, schema);
  }

  function lintReferences(at: string, schema: unknown): void {
    if (!isJsonObject(schema)) return;
    for (const keyword of ['$id', '$anchor', '$dynamicRef', '$dynamicAnchor']) {
      if (Object.hasOwn(schema, keyword))
        findings.add(`${at}/${keyword}`, `${keyword} is not supported: use $ref "#/$defs/<name>"`);
    }
    if (Object.hasOwn(schema, '$ref')) {
      const name = definitionName(schema.$ref);
      if (name === null)
        findings.add(`${at}/$ref`, `must be of the form "#/$defs/<name>", but is ${JSON.stringify(schema.$ref)}`);
      else if (!Object.hasOwn($defs, name)) {
        findings.add(`${at}/$ref`, `there is no "${name}" in /$defs: add it or correct the name`);
      }
    }
    for (const [pointer, child] of subschemas(schema)) lintReferences(at + pointer, child);
  }

  /** Fields of conditions (`if`, `not`, ...) are not fields of the data and need no title. */
  function lintFields(at: string, schema: unknown): void {
    if (!isJsonObject(schema)) return;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    if (isJsonObject(schema.properties)) {
      for (const [key, field] of Object.entries(schema.properties)) {
        const pointer = `${at}/properties/${escapeSegment(key)}`;
        for (const word of ['title', 'description']) {
          const text = isJsonObject(field) ? field[word] : undefined;
          if (typeof text !== 'string' || text.trim() === '') {
            findings.add(pointer, `the field "${key}" needs a ${word}: no-code users see it`);
          }
        }
        if (!required.has(key)) {
          findings.add(
            pointer,
            `the field "${key}" must be in "required": every key is always delivered, null where there is no value`,
          );
        }
      }
    }
    for (const [pointer, child] of subschemas(schema)) {
      if (/^\/(properties|items|prefixItems|additionalProperties|allOf|anyOf|oneOf)(\/|$)/.test(pointer))
        lintFields(at + pointer, child);
    }
  }
}
