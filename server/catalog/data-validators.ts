import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { isDateTime } from './date-time.ts';
import type { JsonSchema } from './types.ts';
import { MARKS } from './unmarked.ts';

/** The validators of one catalog's schemas. */
export interface DataValidators {
  /** Errors of `schema` against the JSON Schema 2020-12 meta-schema. */
  schemaErrors(schema: unknown): ErrorObject[];
  /** The validator of a definition. @throws Error when the schema does not compile. */
  definition(name: string): ValidateFunction;
  /** The validator of the event type at this place of the file. @throws Error when the schema does not compile. */
  event(index: number): ValidateFunction;
}

/**
 * Compiles on first use, each definition once for all event types (`inlineRefs: false`): 78 event types took 95 ms,
 * where self-contained schemas, each with its own copy of the definitions, took 330 ms.
 * The settings are those of a plain `new Ajv2020()`, so that what compiles here compiles for whoever reads the document,
 * which is published without the catalog's own keywords; the generated code is not optimised, which took 28 ms and made nothing faster.
 */
export function dataValidators(
  $defs: Record<string, JsonSchema>,
  schemas: readonly (JsonSchema | undefined)[],
): DataValidators {
  const ajv = new Ajv2020({ allErrors: true, inlineRefs: false, logger: false, code: { optimize: false } });
  ajvFormats.default(ajv);
  ajv.addFormat('date-time', isDateTime);
  ajv.addVocabulary(MARKS);
  // A definition's name has no dot, so the event types cannot collide with one.
  const all: Record<string, JsonSchema> = { ...$defs };
  schemas.forEach((schema, index) => {
    if (schema) all[`event.${index}`] = schema;
  });
  ajv.addSchema({ $id: 'catalog', $defs: all }, undefined, false, false);

  function compiled(name: string): ValidateFunction {
    const validate = ajv.getSchema(`catalog#/$defs/${name}`);
    if (!validate) throw new Error(`there is no schema "${name}"`);
    return validate;
  }

  return {
    schemaErrors: (schema) => (ajv.validateSchema(schema as JsonSchema) ? [] : (ajv.errors ?? [])),
    definition: compiled,
    event: (index) => compiled(`event.${index}`),
  };
}
