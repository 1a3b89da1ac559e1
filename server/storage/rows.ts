import type { ColumnType, Statements, Value } from './database.ts';

/** Statements are made for a few row counts only, so that they stay prepared whatever a batch's size. */
const CHUNKS = [64, 32, 16, 8, 4, 2, 1] as const;

/**
 * `(?1, ?2), (?3, ?4), …`: `count` rows of placeholders, the first being `?<first>`. With `types`, the first row is cast,
 * which tells PostgreSQL the types of a `values` list that is not an insert's.
 */
export function placeholders(count: number, width: number, first = 1, types?: readonly ColumnType[]): string {
  const rows: string[] = [];
  for (let row = 0; row < count; row += 1) {
    const cells: string[] = [];
    for (let column = 0; column < width; column += 1) {
      const mark = `?${first + row * width + column}`;
      cells.push(row === 0 && types !== undefined ? `cast(${mark} as ${types[column] ?? 'text'})` : mark);
    }
    rows.push(`(${cells.join(', ')})`);
  }
  return rows.join(', ');
}

/** A statement over rows of parameters, however many. */
export interface OverRows {
  types: readonly ColumnType[];
  /** Its text for a number of rows, each value a parameter. */
  chunk(count: number): string;
  /** Its text for any number of them, each column a parameter. */
  whole: string;
}

/**
 * A statement made of where its rows come from, which have columns of these types: `with k (id) as (${rows}) select …`.
 * @param leading how many parameters come before the rows' own
 */
export function overRows(types: readonly ColumnType[], make: (rows: string) => string, leading = 0): OverRows {
  const columns = types.map((type, index) => `cast(?${leading + 1 + index} as ${type}[])`);
  return {
    types,
    chunk: perCount((count) => make(`values ${placeholders(count, types.length, leading + 1, types)}`)),
    whole: make(`select * from unnest(${columns.join(', ')})`),
  };
}

/** A chunk is filled up when no more than this part of it is repeated. */
const MOST_REPEATED = 1 / 4;

/**
 * Runs a statement over `rows` and answers with all the rows returned: at once where the store takes columns (a group of 50 events in
 * five statements in place of nine), else in chunks of fixed sizes.
 * `leading` parameters come before the rows' own, in each chunk. Where it changes nothing that a row comes twice (`repeatable`),
 * the last one is repeated rather than that a few rows get statements of their own.
 */
export async function inChunks<R extends object>(
  tx: Statements,
  rows: readonly (readonly Value[])[],
  statement: OverRows | ((count: number) => string),
  leading: readonly Value[] = [],
  repeatable = false,
): Promise<R[]> {
  if (rows.length === 0) return [];
  if (typeof statement !== 'function' && tx.takesColumns === true) {
    const columns = statement.types.map((type, index) => ({ type, values: rows.map((row) => row[index] ?? null) }));
    return tx.all<R>(statement.whole, [...leading, ...columns]);
  }
  const text = typeof statement === 'function' ? statement : statement.chunk;
  const chunks: Promise<R[]>[] = [];
  const fits = (size: number, left: number): boolean =>
    size <= left || (repeatable && size - left <= size * MOST_REPEATED);
  let at = 0;
  while (at < rows.length) {
    const left = rows.length - at;
    const count = CHUNKS.find((size) => fits(size, left)) ?? 1;
    const params: Value[] = [...leading];
    for (let index = at; index < at + count; index += 1) params.push(...(rows[index] ?? rows.at(-1) ?? []));
    chunks.push(tx.all<R>(text(count), params));
    at += count;
  }
  const [only, ...others] = await Promise.all(chunks);
  return others.length === 0 ? (only ?? []) : [...(only ?? []), ...others.flat()];
}

/** A statement's text for a number of rows, made once per number. */
export function perCount(make: (count: number) => string): (count: number) => string {
  const made = new Map<number, string>();
  return (count) => {
    let text = made.get(count);
    if (text === undefined) {
      text = make(count);
      made.set(count, text);
    }
    return text;
  };
}

/**
 * An insert of whole rows, however many, with values in the order of the columns: `insertInto('event', { team_id: 'text', … })(tx, rows)`.
 * With `… do nothing` a row may come twice.
 */
export function insertInto(table: string, columns: Readonly<Record<string, ColumnType>>, suffix = '') {
  const statement = overRows(
    Object.values(columns),
    (rows) => `insert into ${table} (${Object.keys(columns).join(', ')}) ${rows} ${suffix}`,
  );
  const isRepeatable = suffix.endsWith('do nothing');
  return async (tx: Statements, rows: readonly (readonly Value[])[]): Promise<void> => {
    await inChunks(tx, rows, statement, [], isRepeatable);
  };
}

/** An insert of one row. */
export function insertOneInto(table: string, columns: readonly string[]) {
  const statement = `insert into ${table} (${columns.join(', ')}) values ${placeholders(1, columns.length)}`;
  return async (tx: Statements, row: readonly Value[]): Promise<void> => {
    await tx.run(statement, row);
  };
}
