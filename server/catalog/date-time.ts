import { fullFormats } from 'ajv-formats/dist/formats.js';

const { validate } = fullFormats['date-time'] as { validate(text: string): boolean };
/** A moment as most programs write it; the last days of a month are left to what knows their number. */
const USUAL = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;

/** The format `date-time` of JSON Schema, RFC 3339, as ajv-formats has it, which takes 0.5 µs for each: ten times this expression. */
export function isDateTime(text: string): boolean {
  return USUAL.test(text) || validate(text);
}
