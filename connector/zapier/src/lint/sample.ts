import { isObject } from '../resolve-schema.ts';
import type { Fault, FieldDefinition, TriggerDefinition } from './definition.ts';
import { flatKeys, valuesAt } from './flat-keys.ts';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;

/** The sample, alone and against outputFields: D010, D012, D023, D024, SAMPLE. */
export function sampleFaults({ operation }: TriggerDefinition): Fault[] {
  const { sample, outputFields = [] } = operation;
  if (!isObject(sample) || Object.keys(sample).length === 0) return [{ check: 'D010', message: 'there is no sample' }];
  const faults: Fault[] = [];
  if (typeof sample.id !== 'string' || sample.id === '')
    faults.push({ check: 'D012', message: 'the sample has no id' });
  for (const field of outputFields) {
    for (const value of valuesAt(sample, field.key)) {
      const found = mismatch(field, value);
      if (found !== null) faults.push({ check: 'D024', message: `the sample's ${field.key} is ${found}` });
    }
  }
  const maps = new Set(outputFields.filter((field) => field.dict).map((field) => field.key));
  const known = outputFields.map((field) => field.key);
  for (const { key, value } of flatKeys(sample, maps)) {
    for (const text of Array.isArray(value) ? value : [value]) {
      if (typeof text === 'string' && DATE_TIME.test(text) && !isIsoWithOffset(text))
        faults.push({ check: 'D023', message: `the sample's ${key} is "${text}": not ISO 8601 with an offset` });
    }
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
    const isKnown = known.some(
      (one) => one === key || (isEmpty && (one.startsWith(`${key}__`) || one.startsWith(`${key}[]`))),
    );
    if (!isKnown) faults.push({ check: 'SAMPLE', message: `the sample has ${key}, which outputFields leave out` });
  }
  return faults;
}

/** What is wrong with a value of the sample, null when nothing is. Empty values fit every field. */
function mismatch(field: FieldDefinition, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (field.list) {
    if (!Array.isArray(value)) return 'not a list';
    return value.map((item) => mismatch({ ...field, list: false }, item)).find((found) => found !== null) ?? null;
  }
  if (field.dict) return isObject(value) ? null : 'not a map';
  if (field.type === undefined) return null;
  return FITS[field.type]?.(value) ? null : `${JSON.stringify(value)}, not of the type ${field.type}`;
}

const FITS: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  datetime: (value) => typeof value === 'string' && isIsoWithOffset(value),
};

function isIsoWithOffset(value: string): boolean {
  return ISO_WITH_OFFSET.test(value) && !Number.isNaN(Date.parse(value));
}
