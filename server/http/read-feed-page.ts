import { type FeedQuery, readFeed, readLastSeq } from '../storage/feed.ts';
import { cursorInvalid, feedCursor, seqAfter } from './cursor.ts';
import type { AppDeps } from './deps.ts';

/** Where in the feed to read, and how long to wait there. */
export interface FeedPlace {
  /** A cursor of the feed, or `0`. */
  after: string;
  /** Seconds. */
  wait: number;
  /** Aborts when the caller hangs up. */
  signal: AbortSignal;
}

/**
 * The next page of a team's feed. Where there is nothing it waits for a commit, without a connection of the database, and
 * answers with an empty page in the end.
 * @throws Problem 400 `cursor_invalid`.
 */
export async function readFeedPage(
  { db, clock, feed }: Pick<AppDeps, 'db' | 'clock' | 'feed'>,
  teamId: string,
  wanted: Omit<FeedQuery, 'afterSeq' | 'lastSeq'>,
  { after, wait, signal }: FeedPlace,
): Promise<{ rows: { envelope: string }[]; next_cursor: string }> {
  const end = clock.now() + wait * 1000;
  let seq = seqAfter(after);
  // Before the first look, so that nothing is missed between a look and the wait that follows it.
  const watching = feed.watch(teamId);
  try {
    do {
      // All that is numbered up to here is committed, because the numbers are taken in the order of commits.
      const lastSeq = await readLastSeq(db, teamId);
      if (lastSeq < seq)
        throw cursorInvalid(
          'after',
          'This cursor is ahead of the events there are: was a backup restored? Begin anew with after=0.',
        );
      const rows = lastSeq === seq ? [] : await readFeed(db, teamId, { ...wanted, afterSeq: seq, lastSeq });
      // A page that is not full has come to the end: what the filters kept back need not be looked at again.
      seq = rows.length === wanted.limit ? (rows.at(-1)?.seq ?? seq) : lastSeq;
      if (rows.length > 0) return { rows, next_cursor: feedCursor(seq) };
    } while (await watching.next(seq, end - clock.now(), signal));
    return { rows: [], next_cursor: feedCursor(seq) };
  } finally {
    watching.close();
  }
}
