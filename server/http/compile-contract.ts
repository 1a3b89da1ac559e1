import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { onFirstUse } from '../catalog/on-first-use.ts';
import {
  type Contract,
  type ContractOperation,
  contractOperations,
  type ParameterObject,
  type ResponseObject,
  resolve,
  type SchemaObject,
} from './contract.ts';
import { MAX_BODY_BYTES } from './read-body.ts';

/** The parameters of one place (path, query or header), with the function that checks and converts their values. */
export interface CompiledParameters {
  names: readonly string[];
  /** Those whose value is JSON text. */
  json: ReadonlySet<string>;
  /** Checks the values by name, converts them in place, and fills defaults in. */
  validate: ValidateFunction;
}

/** The body of an operation: how it is read, and what it is checked with. */
export interface CompiledBody {
  isRequired: boolean;
  /** The largest body it takes. */
  maxBytes: number;
  validate: ValidateFunction;
  /** The array whose items `validate` leaves to be checked one by one. */
  items: { name: string; validate: ValidateFunction } | null;
}

/** An operation with all that its requests and replies are checked with. */
export interface CompiledOperation extends ContractOperation {
  inPath: CompiledParameters;
  inQuery: CompiledParameters;
  inHeaders: CompiledParameters;
  /** Null when it takes no body. */
  body: CompiledBody | null;
  /** By status; null where the reply has no body. */
  responses: ReadonlyMap<string, CompiledReply | null>;
}

/** What a reply's body must be. */
export interface CompiledReply {
  /** The media type: JSON of some kind, or `text/plain`. */
  type: string;
  /** Checks the body's value; of text, the text itself. */
  validate: ValidateFunction;
}

/**
 * Makes every parameter, body and response schema of the contract a validator, which compiles when it is first used. Schemas are
 * reached by `$ref` into the one document, so that a schema used in forty places is compiled once.
 */
export function compileContract(contract: Contract): CompiledOperation[] {
  const bodies = ajv(contract, { coerceTypes: false });
  const parameters = ajv(contract, { coerceTypes: true });
  return contractOperations(contract).map((operation) => {
    const all = (operation.object.parameters ?? []).map((parameter, index) =>
      resolve<ParameterObject>(contract, parameter, `${operation.pointer}/parameters/${index}`),
    );
    const inPlace = (place: ParameterObject['in']) =>
      compileParameters(
        parameters,
        all.filter((one) => one.object.in === place),
      );
    return {
      ...operation,
      inPath: inPlace('path'),
      inQuery: inPlace('query'),
      inHeaders: inPlace('header'),
      body: compileBody(bodies, contract, operation),
      responses: compileResponses(bodies, contract, operation),
    };
  });
}

function ajv(contract: Contract, options: { coerceTypes: boolean }): Ajv2020 {
  const instance = new Ajv2020({
    ...options,
    allErrors: true,
    useDefaults: true,
    allowUnionTypes: true,
    // The contract is linted in CI; checking it again would only make the start slower.
    validateSchema: false,
    strict: true,
    // An unknown field is answered with the names of the known ones.
    verbose: true,
    strictRequired: false,
  });
  addFormats.default(instance);
  // The document itself is no schema; its members are declared so that strict mode knows them.
  instance.addVocabulary(Object.keys(contract));
  instance.addSchema(contract, 'openapi');
  return instance;
}

function ref(fragment: string): SchemaObject {
  return { $ref: `openapi${fragment}` };
}

function compileParameters(
  instance: Ajv2020,
  parameters: { object: ParameterObject; pointer: string }[],
): CompiledParameters {
  const properties: Record<string, SchemaObject> = {};
  const json = new Set<string>();
  for (const { object, pointer } of parameters) {
    const isJson = object.content !== undefined;
    if (isJson) json.add(object.name);
    const schema = ref(`${pointer}/${isJson ? 'content/application~1json/schema' : 'schema'}`);
    // A default is filled in only where it stands beside the property.
    if (object.schema?.default !== undefined) schema.default = object.schema.default;
    properties[object.name] = schema;
  }
  const names = parameters.map(({ object }) => object.name);
  const required = parameters.filter(({ object }) => object.required === true).map(({ object }) => object.name);
  return { names, json, validate: onFirstUse(() => instance.compile({ type: 'object', properties, required })) };
}

function compileBody(instance: Ajv2020, contract: Contract, operation: ContractOperation): CompiledBody | null {
  const { requestBody, 'x-max-body-bytes': maxBytes, 'x-checked-one-by-one': name } = operation.object;
  if (requestBody === undefined) return null;
  const fragment = `${operation.pointer}/requestBody/content/application~1json/schema`;
  const body = { isRequired: requestBody.required === true, maxBytes: maxBytes ?? MAX_BODY_BYTES };
  if (name === undefined) return { ...body, validate: onFirstUse(() => instance.compile(ref(fragment))), items: null };
  const { object, pointer } = resolve<SchemaObject>(contract, requestBody.content['application/json'].schema, fragment);
  const { items: _, ...array } = object.properties?.[name] ?? {};
  return {
    ...body,
    validate: onFirstUse(() => instance.compile({ ...object, properties: { ...object.properties, [name]: array } })),
    items: { name, validate: onFirstUse(() => instance.compile(ref(`${pointer}/properties/${name}/items`))) },
  };
}

function compileResponses(
  instance: Ajv2020,
  contract: Contract,
  operation: ContractOperation,
): Map<string, CompiledReply | null> {
  const compiled = new Map<string, CompiledReply | null>();
  for (const [status, response] of Object.entries(operation.object.responses)) {
    const at = resolve<ResponseObject>(contract, response, `${operation.pointer}/responses/${status}`);
    const [type] = Object.keys(at.object.content ?? {});
    const fragment = `${at.pointer}/content/${type?.replace('/', '~1')}/schema`;
    compiled.set(
      status,
      type === undefined
        ? null
        : {
            type,
            validate: onFirstUse(() => instance.getSchema(`openapi${fragment}`) ?? instance.compile(ref(fragment))),
          },
    );
  }
  return compiled;
}
