import type { Statements, Value } from './database.ts';

/** Statements are made for a few row counts only, so that they stay prepared whatever a batch's size. */
const CHUNKS = [64, 32, 16, 8, 4, 2, 1] as const;

export type ColumnType = 'text' | 'bigint';

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

/** A chunk is filled up when no more than this part of it is repeated. */
const MOST_REPEATED = 1 / 4;

/**
 * Runs `statement(count)` over `rows` in chunks of fixed sizes and answers with all the rows returned.
 * `leading` parameters come before the rows' own in each chunk. Where it changes nothing that a row comes twice (`repeatable`),
 * the last one is repeated rather than that a few rows get statements of their own.
 */
export async function inChunks<R extends object>(
  tx: Statements,
  rows: readonly (readonly Value[])[],
  statement: (count: number) => string,
  leading: readonly Value[] = [],
  repeatable = false,
): Promise<R[]> {
  const chunks: Promise<R[]>[] = [];
  const fits = (size: number, left: number): boolean =>
    size <= left || (repeatable && size - left <= size * MOST_REPEATED);
  let at = 0;
  while (at < rows.length) {
    const left = rows.length - at;
    const count = CHUNKS.find((size) => fits(size, left)) ?? 1;
    const params: Value[] = [...leading];
    for (let index = at; index < at + count; index += 1) params.push(...(rows[index] ?? rows.at(-1) ?? []));
    chunks.push(tx.all<R>(statement(count), params));
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

/** An insert of whole rows in chunks: `insertInto('event', ['team_id', …])(tx, rows)`. With `… do nothing` a row may come twice. */
export function insertInto(table: string, columns: readonly string[], suffix = '') {
  const statement = perCount(
    (count) => `insert into ${table} (${columns.join(', ')}) values ${placeholders(count, columns.length)} ${suffix}`,
  );
  const isRepeatable = suffix.endsWith('do nothing');
  return async (tx: Statements, rows: readonly (readonly Value[])[]): Promise<void> => {
    await inChunks(tx, rows, statement, [], isRepeatable);
  };
}
