import { isJsonObject, type JsonObject, setOwn } from './json-object.ts';
import type { Shape } from './shape.ts';

export type Rename = (data: unknown) => unknown;

/** The keys among `renames` that the shape declares at any depth: what the renaming does to this event type. */
export function renamesWithin(shape: Shape, renames: Readonly<Record<string, string>>): Record<string, string> {
  const declared = new Set<string>();
  const seen = new Set<Shape>();
  const visit = (here: Shape | null): void => {
    if (!here || seen.has(here)) return;
    seen.add(here);
    for (const [key, inner] of here.keys) {
      declared.add(key);
      visit(inner.shape);
    }
    visit(here.items);
    visit(here.values);
  };
  visit(shape);
  return Object.fromEntries(Object.entries(renames).filter(([key]) => declared.has(key)));
}

/** Compiles the key renames of one dialect for one shape; null when they change nothing. See `EventType.rename`. */
export function compileRename(shape: Shape, renames: Readonly<Record<string, string>>): Rename | null {
  const known = new Map<Shape, Rename | null>();
  return compile(shape);

  function compile(here: Shape): Rename | null {
    const seen = known.get(here);
    if (seen !== undefined) return seen;
    if (Object.keys(renamesWithin(here, renames)).length === 0) {
      known.set(here, null);
      return null;
    }
    let body: Rename = (data) => data;
    const rename: Rename = (data) => body(data);
    known.set(here, rename);

    const keys = new Map<string, { to: string; inner: Rename | null }>();
    for (const [key, { shape: inner }] of here.keys) {
      keys.set(key, { to: Object.hasOwn(renames, key) ? (renames[key] ?? key) : key, inner: compile(inner) });
    }
    const values = here.values ? compile(here.values) : null;
    const items = here.items ? compile(here.items) : null;

    body = (data) => {
      if (Array.isArray(data)) return items ? data.map(items) : data;
      if (!isJsonObject(data)) return data;
      const renamed: JsonObject = {};
      for (const key of Object.keys(data)) {
        const declared = keys.get(key);
        const inner = declared ? declared.inner : values;
        setOwn(renamed, declared?.to ?? key, inner ? inner(data[key]) : data[key]);
      }
      return renamed;
    };
    return rename;
  }
}
