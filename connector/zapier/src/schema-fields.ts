import { type FieldType, fieldType } from './field-type.ts';
import { titleOf } from './join-titles.ts';
import type { JsonSchema } from './published-catalog.ts';
import { type Definitions, isObject, resolveSchema } from './resolve-schema.ts';

/** One field that a user can pick from an event: a plain value, a list of values, or a free-form map. */
export interface SchemaField {
  /** The key in Zapier's flat form: `__` between an object and its key, `[]` between rows and theirs. */
  key: string;
  /** The titles of every level, the outermost first. */
  titles: readonly string[];
  type: FieldType | undefined;
  isList: boolean;
  /** Its keys are not known in advance. */
  isMap: boolean;
}

interface Level {
  key: string;
  titles: readonly string[];
  /** Definitions that this level is inside of: a recursive schema ends where it begins again. */
  within: ReadonlySet<string>;
  inRows: boolean;
}

/**
 * Every field below `schema`, whose own key is `key`. Rows within rows, and objects that repeat an object around
 * them, are given as free-form: Zapier's flat keys reach no deeper.
 */
export function schemaFields(schema: JsonSchema, $defs: Definitions, key: string): SchemaField[] {
  return below(schema, { key, titles: [], within: new Set(), inRows: false });

  function below(part: unknown, level: Level): SchemaField[] {
    const { schema: resolved, refs } = resolveSchema(part, $defs);
    const plain = { key: level.key, titles: level.titles, isList: false, isMap: false };
    const isRecursive = overlap(refs, level.within);
    const inside = { ...level, within: new Set([...level.within, ...refs]) };

    if (isObject(resolved.properties) && !isRecursive) return children(resolved.properties, inside, '__');
    if (isObject(resolved.properties) || allows(resolved, 'object'))
      return [{ ...plain, type: undefined, isMap: true }];
    if (!allows(resolved, 'array')) return [{ ...plain, type: fieldType(resolved) }];

    const item = resolveSchema(resolved.items, $defs);
    const isRow = !level.inRows && !overlap(item.refs, inside.within);
    if (isObject(item.schema.properties) && isRow) {
      const rows = { ...inside, within: new Set([...inside.within, ...item.refs]), inRows: true };
      return children(item.schema.properties, rows, '[]');
    }
    const isMap = allows(item.schema, 'object');
    return [{ ...plain, type: isMap ? undefined : fieldType(item.schema), isList: true, isMap }];
  }

  function children(properties: JsonSchema, level: Level, separator: '__' | '[]'): SchemaField[] {
    return Object.entries(properties).flatMap(([name, part]) => {
      const title = titleOf(resolveSchema(part, $defs).schema, name);
      return below(part, { ...level, key: `${level.key}${separator}${name}`, titles: [...level.titles, title] });
    });
  }
}

function allows(schema: JsonSchema, type: 'object' | 'array'): boolean {
  return Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type;
}

function overlap(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const one of some) if (others.has(one)) return true;
  return false;
}
