import type { ValidateFunction } from 'ajv/dist/2020.js';
import { lazily } from './lazily.ts';

/** A validator that compiles when it is first called: most of them never are, and compiling is most of what a start takes. */
export function onFirstUse(compile: () => ValidateFunction): ValidateFunction {
  const compiled = lazily(compile);
  const validate = (value: unknown): boolean => {
    const isValid = compiled()(value) as boolean;
    lazy.errors = compiled().errors ?? null;
    return isValid;
  };
  const lazy = validate as ValidateFunction;
  return lazy;
}
