import type { ErrorObject } from 'ajv/dist/2020.js';
import type { FieldFault } from '../problem.ts';
import { escapeSegment, pointerSegments, valueAt } from './json-pointer.ts';

// A body of 1 MB can hold 300,000 faulty rows; nobody reads more than this.
const MAX_FAULTS = 200;

/** The validator's errors as faults of fields of `data`, in plain words that say what to do. */
export function fieldFaults(errors: readonly ErrorObject[], data: unknown): FieldFault[] {
  const orNull = nullBranches(errors);
  const kept = errors.filter((error) => !isNoise(error, errors, orNull));
  const faults = kept.slice(0, MAX_FAULTS).map((error) => fieldFault(error, data, orNull));
  if (kept.length > MAX_FAULTS) {
    faults.push({ pointer: '', message: `has ${kept.length - MAX_FAULTS} more faults, which are not listed` });
  }
  return faults;
}

/** Where a value could have been null but is something else that is wrong: `anyOf: [..., {type: null}]`. */
function nullBranches(errors: readonly ErrorObject[]): Set<string> {
  const choices = new Set(errors.filter(isChoice).map((error) => error.instancePath));
  const nulls = errors.filter((error) => error.keyword === 'type' && error.params.type === 'null');
  return new Set(nulls.map((error) => error.instancePath).filter((path) => choices.has(path)));
}

function isChoice(error: ErrorObject): boolean {
  return error.keyword === 'anyOf' || error.keyword === 'oneOf';
}

/** Errors that only repeat others: "property name must be valid", or "must be null" where a nullable field's other branch says more. */
function isNoise(error: ErrorObject, errors: readonly ErrorObject[], orNull: Set<string>): boolean {
  if (error.keyword === 'propertyNames') return true;
  if (!orNull.has(error.instancePath)) return false;
  if (error.keyword === 'type' && error.params.type === 'null') return true;
  if (!isChoice(error)) return false;
  const isNull = (other: ErrorObject) => other.keyword === 'type' && other.params.type === 'null';
  return errors.some(
    (other) =>
      !isChoice(other) &&
      !isNull(other) &&
      (other.instancePath === error.instancePath || other.instancePath.startsWith(`${error.instancePath}/`)),
  );
}

function fieldFault(error: ErrorObject, data: unknown, orNull: Set<string>): FieldFault {
  const at = error.instancePath;
  const { keyword, params } = error;
  const below = (key: unknown) => `${at}/${escapeSegment(String(key))}`;
  if (keyword === 'required') return { pointer: below(params.missingProperty), message: 'is missing: add it' };
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const key = params.additionalProperty ?? params.unevaluatedProperty;
    return { pointer: below(key), message: 'is not a field of this event type: remove it' };
  }
  // ajv reports a bad key at its object, with the key beside it.
  if (error.propertyName !== undefined) {
    return {
      pointer: below(error.propertyName),
      message: `has a name that ${error.message ?? 'is not allowed'}: rename it`,
    };
  }
  const value = valueAt(data, pointerSegments(at) ?? []);
  if (keyword === 'type') {
    const types = [params.type].flat().map(String);
    if (orNull.has(at)) types.push('null');
    return { pointer: at, message: `must be ${types.map(article).join(' or ')}, but is ${article(typeName(value))}` };
  }
  if (keyword === 'enum') {
    const allowed = (params.allowedValues as unknown[]).map((one) => JSON.stringify(one)).join(', ');
    return { pointer: at, message: `must be one of ${allowed}` };
  }
  if (keyword === 'const') return { pointer: at, message: `must be ${JSON.stringify(params.allowedValue)}` };
  if (keyword === 'format') return { pointer: at, message: `must be ${formatName(String(params.format))}` };
  return { pointer: at, message: error.message ?? `does not satisfy "${keyword}"` };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function article(type: string): string {
  if (type === 'null') return 'null';
  return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}

function formatName(format: string): string {
  if (format === 'date-time') return 'an ISO 8601 date and time, such as 2026-05-01T08:00:00Z';
  if (format === 'email') return 'an email address';
  return `a valid "${format}"`;
}
