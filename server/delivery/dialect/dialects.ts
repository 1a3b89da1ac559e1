import { custom } from './custom.ts';
import type { Dialect } from './dialect.ts';
import { memberpass } from './memberpass.ts';
import { memberply } from './memberply.ts';
import { memberstack } from './memberstack.ts';
import { standard } from './standard.ts';

/** Every dialect, by name. */
export const dialects: ReadonlyMap<string, Dialect> = new Map(
  [standard, memberpass, memberstack, memberply, custom].map((dialect) => [dialect.name, dialect]),
);
