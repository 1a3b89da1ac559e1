import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';

/** What a publisher writes down, before and after each publish. Times are epoch milliseconds of its machine. */
export type ClientEntry =
  | { entry: 'sent'; id: string; type: string; at: number }
  | { entry: 'replied'; id: string; at: number; status: number; code: string | null }
  | { entry: 'failed'; id: string; at: number; error: string };

/** What a receiver writes down: a request before anything is answered, an answer before it is sent, an end after it. */
export type ReceiverEntry =
  | {
      entry: 'request';
      request: string;
      at: number;
      /** The name of the receiver's host, where there are several. */
      host: string;
      path: string;
      headers: Record<string, string>;
      body: string;
    }
  | { entry: 'answer'; request: string; at: number; status: number }
  | { entry: 'closed'; request: string; at: number; bytes: number };

/** Appends entries to a file, one JSON line each. Several processes may append to the same one. */
export function openLedger<Entry extends object>(path: string): { write(entry: Entry): void; close(): void } {
  const file = openSync(path, 'a');
  return {
    // Before the next action and in one write, so that what is killed afterwards has told the truth.
    write: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
}

/** Reads a ledger again and again, each time only what is new; answers with everything that it says so far. */
export function followLedger<Entry extends object>(path: string): () => readonly Entry[] {
  const entries: Entry[] = [];
  let offset = 0;
  return () => {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === offset) return entries;
    const file = openSync(path, 'r');
    const chunk = Buffer.alloc(size - offset);
    readSync(file, chunk, 0, chunk.length, offset);
    closeSync(file);
    // What follows the last line break is still being written.
    const end = chunk.lastIndexOf('\n') + 1;
    offset += end;
    for (const line of chunk.toString('utf8', 0, end).split('\n')) if (line !== '') entries.push(JSON.parse(line));
    return entries;
  };
}
