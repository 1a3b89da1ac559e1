import type { ErrorObject } from 'ajv/dist/2020.js';
import { fieldFaults } from '../catalog/field-faults.ts';
import { escapeSegment } from '../catalog/json-pointer.ts';
import { nearest } from '../catalog/nearest.ts';
import { type FieldFault, Problem } from '../problem.ts';

// A body of 1 MB can hold 80,000 unknown fields, each of which would be compared with every known name.
const MAX_UNKNOWN = 20;

/**
 * The body, or the part of it at the pointer `at`, does not fit the contract: 422 with every field at fault, and the
 * nearest names of those that are unknown.
 */
export function validationFailed(errors: readonly ErrorObject[], body: unknown, at = ''): Problem {
  const unknown: FieldFault[] = [];
  const others = errors.filter((error) => {
    if (error.keyword !== 'additionalProperties') return true;
    if (unknown.length === MAX_UNKNOWN) return false;
    const name = String(error.params.additionalProperty);
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    unknown.push({
      pointer: `${error.instancePath}/${escapeSegment(name)}`,
      message: `is not a known field${didYouMean(name, known)}`,
    });
    return false;
  });
  const faults = faultsBelow(at, [...fieldFaults(others, body), ...unknown]);
  const list = faults.slice(0, 3).map((fault) => `${fault.pointer || 'the body'} ${fault.message}`);
  const more = faults.length > 3 ? `; and ${faults.length - 3} more` : '';
  return new Problem(
    422,
    'validation_failed',
    sentence(`The body does not fit the contract: ${list.join('; ')}${more}`),
    {
      errors: faults,
    },
  );
}

/** Faults of a part of a body as faults of the body: `at` is where the part stands. */
export function faultsBelow(at: string, faults: readonly FieldFault[]): FieldFault[] {
  return faults.map(({ pointer, message }) => ({ pointer: `${at}${pointer}`, message }));
}

/** A parameter has a value that the contract does not allow. */
export function parameterInvalid(name: string, message: string): Problem {
  return new Problem(400, 'parameter_invalid', `The parameter "${name}" ${message}.`, {
    errors: [{ pointer: name, message }],
  });
}

/** A query parameter that the operation does not have: a mistyped filter must not look like one that matched all. */
export function parameterUnknown(name: string, known: readonly string[]): Problem {
  const hint = didYouMean(name, known);
  const message = `is not a parameter of this operation${hint}`;
  return new Problem(400, 'parameter_unknown', sentence(`"${name}" ${message}`), {
    errors: [{ pointer: name, message }],
  });
}

function sentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}

/** The nearest known name, and all of them where they are few. */
function didYouMean(name: string, known: readonly string[]): string {
  const [best] = nearest(name, known, 1);
  if (best === undefined) return '';
  return `; did you mean "${best}"?${known.length > 1 && known.length <= 12 ? ` Known are: ${known.join(', ')}` : ''}`;
}
