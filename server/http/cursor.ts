import { Problem } from '../problem.ts';

/** The lists that are read page by page; a cursor of one is no cursor of another. */
export type ListName = 'events' | 'feed' | 'endpoints' | 'hooks' | 'deliveries' | 'replays' | 'tokens' | 'audit';

/** The rows of a page and the cursor of the next one, from up to `limit + 1` rows read. */
export function pageOf<Row>(
  list: ListName,
  rows: Row[],
  limit: number,
  position: (row: Row) => string | number,
): { rows: Row[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { rows: page, next_cursor: hasMore ? encode(list, String(position(last))) : null };
}

/** The id that a cursor stands for; undefined without a cursor. @throws Problem 400 `cursor_invalid`. */
export function idBefore(list: ListName, cursor: string | undefined): string | undefined {
  return cursor === undefined ? undefined : decode(list, cursor, /^[A-Za-z0-9_-]{1,64}$/);
}

/** The sequence number that a cursor stands for; undefined without a cursor. @throws Problem 400 `cursor_invalid`. */
export function seqBefore(list: ListName, cursor: string | undefined): number | undefined {
  return cursor === undefined ? undefined : Number(decode(list, cursor, /^\d{1,15}$/));
}

/** The sequence number after which a feed is read: that of its cursor, or 0. @throws Problem 400 `cursor_invalid`. */
export function seqAfter(after: string): number {
  return after === '0' ? 0 : Number(decode('feed', after, /^\d{1,15}$/));
}

/** The cursor of a feed that was read up to a sequence number. */
export function feedCursor(seq: number): string {
  return encode('feed', String(seq));
}

/** A cursor that this list or feed did not give. */
export function cursorInvalid(parameter: string, detail: string): Problem {
  return new Problem(400, 'cursor_invalid', detail, {
    errors: [{ pointer: parameter, message: 'is not a cursor of this list' }],
  });
}

function encode(list: ListName, position: string): string {
  return Buffer.from(`${list} ${position}`).toString('base64url');
}

function decode(list: ListName, cursor: string, form: RegExp): string {
  const [name, position, ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (name !== list || position === undefined || rest.length > 0 || !form.test(position))
    throw list === 'feed'
      ? cursorInvalid(
          'after',
          'This is no cursor of the feed. Use its next_cursor as it is, or 0 to begin with the oldest event.',
        )
      : cursorInvalid(
          'cursor',
          'This cursor is not one that this list gave. Use next_cursor as it is, or leave the cursor out to start anew.',
        );
  return position;
}
