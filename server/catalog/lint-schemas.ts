import type { Findings } from './findings.ts';
import { isJsonObject } from './json-object.ts';
import type { Subject } from './lint-subject.ts';
import { definitionName, reachableDefinitions } from './self-contained.ts';
import { subschemas } from './subschemas.ts';

/** Schemas are valid JSON Schema 2020-12, refer to definitions that exist, and compile. */
export function lintSchemas({ entries, $defs, validators }: Subject, findings: Findings): void {
  const events = entries.filter(({ at }) => findings.sound(`${at}/schema`));
  const definitions = Object.entries($defs).map(([name, schema]) => {
    const used = reachableDefinitions(schema, $defs).filter((other) => other !== name);
    return { name, schema, used, at: `/$defs/${name}` };
  });
  for (const { at, schema } of definitions) lintForm(at, schema);
  for (const { at, entry } of events) lintForm(`${at}/schema`, entry.schema);

  // Those that use the fewest others first: what a definition has wrong is said once, there, and not again for
  // everything that uses it.
  for (const { name, at, used } of definitions.toSorted((a, b) => a.used.length - b.used.length)) {
    lintCompiling(at, used, () => validators.definition(name));
  }
  for (const { at, entry, index } of events) {
    lintCompiling(`${at}/schema`, reachableDefinitions(entry.schema, $defs), () => validators.event(index));
  }

  function lintForm(at: string, schema: unknown): void {
    const said = new Set<string>();
    for (const { instancePath, message } of validators.schemaErrors(schema)) {
      // The meta-schema is a choice of choices: the first error at a place is the one that helps.
      if (!said.has(instancePath)) findings.add(at + instancePath, `is not valid JSON Schema: ${message ?? 'unknown'}`);
      said.add(instancePath);
    }
    lintReferences(at, schema);
  }

  function lintReferences(at: string, schema: unknown): void {
    if (!isJsonObject(schema)) return;
    for (const keyword of ['$id', '$anchor', '$dynamicRef', '$dynamicAnchor']) {
      if (!Object.hasOwn(schema, keyword)) continue;
      findings.add(`${at}/${keyword}`, `${keyword} is not supported: use $ref "#/$defs/<name>"`);
    }
    if (Object.hasOwn(schema, '$ref')) {
      const name = definitionName(schema.$ref);
      if (name === null) {
        findings.add(`${at}/$ref`, `must be of the form "#/$defs/<name>", but is ${JSON.stringify(schema.$ref)}`);
      } else if (!Object.hasOwn($defs, name)) {
        findings.add(`${at}/$ref`, `there is no "${name}" in /$defs: add it or correct the name`);
      }
    }
    for (const [pointer, child] of subschemas(schema)) lintReferences(at + pointer, child);
  }

  function lintCompiling(at: string, used: string[], compile: () => unknown): void {
    if (!findings.sound(at) || !used.every((name) => findings.sound(`/$defs/${name}`))) return;
    try {
      compile();
    } catch (error) {
      findings.add(at, `is not valid JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
