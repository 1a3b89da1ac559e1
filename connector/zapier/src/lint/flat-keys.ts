import { isObject } from '../resolve-schema.ts';

/** The values under a flat key: one, or one for each row where the key goes through rows (`changes[]field`). */
export function valuesAt(value: unknown, key: string): unknown[] {
  const [path = '', ...rest] = key.split('[]');
  const found = path
    .split('__')
    .reduce<unknown>((within, segment) => (isObject(within) ? within[segment] : undefined), value);
  if (rest.length === 0) return [found];
  return Array.isArray(found) ? found.flatMap((row) => valuesAt(row, rest.join('[]'))) : [];
}

/** Every plain value of a sample with its flat key. What is below a key of `maps` is left alone. */
export function flatKeys(value: unknown, maps: ReadonlySet<string>, key = ''): { key: string; value: unknown }[] {
  if (maps.has(key)) return [{ key, value }];
  if (isObject(value)) return entries(value, key === '' ? '' : `${key}__`);
  if (Array.isArray(value) && value.some(isObject)) return value.flatMap((row) => entries(row, `${key}[]`));
  return [{ key, value }];

  function entries(object: unknown, prefix: string): { key: string; value: unknown }[] {
    if (!isObject(object)) return [{ key: prefix, value: object }];
    return Object.entries(object).flatMap(([name, part]) => flatKeys(part, maps, `${prefix}${name}`));
  }
}
