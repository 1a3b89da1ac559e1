import type { Caller, OnceScope } from '../model.ts';
import type { Problem } from '../problem.ts';
import type { operations } from './generated/openapi.ts';

/** Names of the operations of openapi.yaml. */
export type OperationId = keyof operations;

declare const jsonOf: unique symbol;
/** A body that is JSON text already; `T` says what it is the text of. */
export type Json<T> = string & { readonly [jsonOf]: T };

declare const encodedOf: unique symbol;
/** A body that is JSON text in bytes; where it is compressed, its `Content-Encoding` header says how. */
export type Encoded<T> = Buffer & { readonly [encodedOf]: T };

type Parameters<Id extends OperationId> = operations[Id]['parameters'];
type Responses<Id extends OperationId> = operations[Id]['responses'];
type Success = 200 | 201 | 202 | 204 | 304;
type Content<R> = R extends { content: { 'application/json': infer Body } } ? Body : never;
/** A body that is text and no JSON; the reply's `Content-Type` header says so. */
type Text<R> = R extends { content: { 'text/plain': infer Body } } ? Body : never;

type Given<T> = [T] extends [undefined] ? Record<never, never> : NonNullable<T>;
/** A page always has a limit: the contract's default is filled in when the request is read. */
type Paged<Q> = Q extends { limit?: number } ? Omit<Q, 'limit'> & { limit: number } : Q;

type RequestBody<Id extends OperationId> = operations[Id] extends { requestBody?: never }
  ? undefined
  : operations[Id] extends { requestBody?: { content: { 'application/json': infer Body } } }
    ? Body
    : undefined;

/** A request that fits the contract, by someone who may make it. */
export interface OperationRequest<Id extends OperationId> {
  id: string;
  path: Given<Parameters<Id>['path']>;
  query: Paged<Given<Parameters<Id>['query']>>;
  headers: Given<Parameters<Id>['header']>;
  /** The body, defaults filled in; `{}` where the contract lets the caller leave it out. */
  body: RequestBody<Id>;
  /** Who asks, acting for the team named; null for public operations, which are those that cannot answer 401. */
  caller: Responses<Id> extends { 401: unknown } ? Caller : null;
  /**
   * What is wrong with items that the contract has checked one by one, by their index; the others fit the contract.
   * Undefined where there are no such items.
   */
  itemFaults: ReadonlyMap<number, Problem> | undefined;
  /** Set when the caller sent an Idempotency-Key. */
  once: OnceScope | undefined;
  /** Where the caller is, as far as can be told. */
  client(): { ip: string | undefined; userAgent: string | undefined };
  /** Aborts when the caller hangs up. */
  signal(): AbortSignal;
  /**
   * Scheme, host and port by which the caller reached this server, without a slash at the end. A function, not a getter: a
   * getter gives each object a hidden class of its own, in old space, which kept 6 KB a request until the next full collection.
   */
  origin(): string;
}

/** Every reply that the contract lets the operation make. Problems are thrown. */
export type Reply<Id extends OperationId> = {
  [Status in keyof Responses<Id> & Success]: {
    status: Status;
    headers?: Record<string, string>;
    /** The body is bytes that are this reply's alone: they are freed when it has been written. */
    ownsBody?: boolean;
  } & ([Content<Responses<Id>[Status]>] extends [never]
    ? [Text<Responses<Id>[Status]>] extends [never]
      ? { body?: undefined }
      : { headers: { 'Content-Type': string }; body: Text<Responses<Id>[Status]> }
    : {
        body:
          | Content<Responses<Id>[Status]>
          | Json<Content<Responses<Id>[Status]>>
          | Encoded<Content<Responses<Id>[Status]>>;
      });
}[keyof Responses<Id> & Success];

/** An operation of the contract. @throws Problem for every reply that is not a success. */
export type Operation<Id extends OperationId> = (request: OperationRequest<Id>) => Promise<Reply<Id>>;

/** A reply of any operation, where it does not matter of which. */
export interface AnyReply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  ownsBody?: boolean;
}

/** Any operation, where the contract is looked at as data. */
export type AnyOperation = (request: unknown) => Promise<AnyReply>;

/** One operation for each of the contract. */
export type Operations = { [Id in OperationId]: Operation<Id> };
