import type { Dialect } from './dialect.ts';
import { memberpass } from './memberpass.ts';
import { standard } from './standard.ts';

/** Every dialect, by name. */
export const dialects: ReadonlyMap<string, Dialect> = new Map(
  [standard, memberpass].map((dialect) => [dialect.name, dialect]),
);
