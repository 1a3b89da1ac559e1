import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { escapeSegment } from '../catalog/json-pointer.ts';

/** A JSON Schema inside the contract, or a `$ref` to one. */
export interface SchemaObject {
  $ref?: string;
  default?: unknown;
  properties?: Record<string, SchemaObject>;
  items?: SchemaObject;
}

export interface ParameterObject {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema?: SchemaObject;
  content?: { 'application/json': { schema: SchemaObject } };
}

export interface ResponseObject {
  content?: Record<string, { schema: SchemaObject }>;
}

interface OperationObject {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters?: (ParameterObject | { $ref: string })[];
  requestBody?: { required?: boolean; content: { 'application/json': { schema: SchemaObject } } };
  /** The array of the body whose items are checked one by one, so that a faulty one does not refuse the request. */
  'x-checked-one-by-one'?: string;
  /** The largest body it takes, where that is not the usual. */
  'x-max-body-bytes'?: number;
  /** What a request is counted as; `management` when it is not said. */
  'x-rate-limit'?: 'publish' | 'test';
  /** Whether it is about the whole team, so that a token for some projects may not do it. */
  'x-team-wide'?: boolean;
  responses: Record<string, ResponseObject | { $ref: string }>;
}

/** openapi.yaml as a value; only what the server looks at is typed. */
export interface Contract {
  paths: Record<string, Record<string, OperationObject>>;
}

/** An operation with where it stands in the contract. */
export interface ContractOperation {
  id: string;
  method: string;
  /** As in the contract: `/v1/webhook-events/{id}`. */
  path: string;
  /** The ability it needs; `operator` for the operator alone; null when it is public. */
  ability: string | null;
  object: OperationObject;
  /** Fragment of the operation object: `#/paths/~1v1~1webhook-events/post`. */
  pointer: string;
}

/** Reads the contract. */
export function readContract(): Contract {
  return load(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')) as Contract;
}

/** Every operation of the contract, in its order. */
export function contractOperations(contract: Contract): ContractOperation[] {
  return Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, object]) => ({
      id: object.operationId,
      method,
      path,
      ability: object.security?.[0]?.token?.[0] ?? null,
      object,
      pointer: `#/paths/${escapeSegment(path)}/${method}`,
    })),
  );
}

/** Follows `$ref`s inside the contract; answers with the object and the fragment where it stands. */
export function resolve<T extends object>(
  contract: Contract,
  object: T | { $ref: string },
  pointer: string,
): { object: T; pointer: string } {
  if (!('$ref' in object) || typeof object.$ref !== 'string') return { object: object as T, pointer };
  const target = object.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, part) => (at as Record<string, unknown>)[unescapeSegment(part)], contract);
  return resolve(contract, target as T, object.$ref);
}

function unescapeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
