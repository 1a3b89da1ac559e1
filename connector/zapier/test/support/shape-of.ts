/** What a value looks like with its contents left out: the keys in their order, and for each what kind of value it has. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object') return typeof value;
  return Object.entries(value).map(([key, part]) => [key, shapeOf(part)]);
}
