import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** What a behaviour knows of a request. */
export interface Asked {
  path: string;
  headers: Record<string, string>;
  /** The event's id. */
  id: string;
}

/** Writes the answer down; called right before it is sent. */
export type Note = (status: number) => void;

type Behaviour = (argument: string, asked: Asked, response: ServerResponse, note: Note) => void;

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');
const GIGABYTE = 1024;
const DRIP_EVERY_MS = 50;
/** From this attempt on a flapping receiver takes everything. */
const FLAPS_UNTIL = 4;

/** The behaviours of one receiver process, which remember what they were asked. */
export function createBehaviours(): (asked: Asked, response: ServerResponse, note: Note) => void {
  const counts = new Map<string, number>();
  /** How often this was counted before. */
  const before = (key: string): number => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    return count;
  };
  const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));

  const behaviours: Record<string, Behaviour> = {
    ok: (_, __, response, note) => reply(response, note, 204),
    delay: (ms, _, response, note) => void setTimeout(() => reply(response, note, 204), Number(ms)),
    fail: (status, _, response, note) => reply(response, note, Number(status)),
    /** Takes so many requests, then is gone. */
    gone: (most, { path }, response, note) => reply(response, note, before(path) < Number(most) ? 204 : 410),
    /** The first time 500 after so many milliseconds, then 204 at once. */
    late(ms, { path, id }, response, note) {
      if (before(`${path} ${id}`) > 0) reply(response, note, 204);
      else setTimeout(() => reply(response, note, 500), Number(ms));
    },
    /** Fails half of the first three attempts: by a 500, a reset, a time-out, or each of these in turn. */
    flap(kind, { id, headers }, response, note) {
      const attempt = Number(headers['hookloom-attempt']);
      const chance = createHash('sha256').update(`${id} ${attempt}`).digest();
      if (attempt >= FLAPS_UNTIL || (chance[0] ?? 0) < 128) reply(response, note, 204);
      else fail(kind === 'mixed' ? (['500', 'reset', 'hang'][(chance[1] ?? 0) % 3] ?? '') : kind, response, note);
    },
    /** Never ends: headers or body byte by byte, informational replies, or nothing at all. */
    drip: (what, _, response) => drip(what, response),
    /** The first time such a status with a Retry-After (`<status>.<base64url>`), then 204. */
    wait(argument, { path, id }, response, note) {
      if (before(`${path} ${id}`) > 0) return reply(response, note, 204);
      const [status = '', value = ''] = argument.split('.');
      note(Number(status));
      response.writeHead(Number(status), { 'retry-after': Buffer.from(value, 'base64url').toString('utf8') }).end();
    },
    /** A reply of one gigabyte. */
    flood(_, __, response, note) {
      note(200);
      response.writeHead(200, { 'content-type': 'text/plain' });
      let left = GIGABYTE;
      const pour = (): void => {
        while (left > 0 && !response.destroyed) {
          left -= 1;
          if (!response.write(MEGABYTE)) return void response.once('drain', pour);
        }
        response.end();
      };
      pour();
    },
    /** 256 MB of zeros in a reply of 256 KB. */
    bomb(_, __, response, note) {
      note(200);
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
    },
  };

  return (asked, response, note) => {
    const [, name = '', argument = ''] = /^\/([a-z]+)-?([^/]*)/.exec(asked.path) ?? [];
    const behave = behaviours[name];
    if (behave === undefined) throw new Error(`no receiver behaves like ${asked.path}`);
    behave(argument, asked, response, note);
  };
}

function reply(response: ServerResponse, note: Note, status: number): void {
  note(status);
  response.writeHead(status).end();
}

function fail(kind: string, response: ServerResponse, note: Note): void {
  if (kind === '500') reply(response, note, 500);
  else if (kind === 'reset') response.socket?.resetAndDestroy();
  else if (kind !== 'hang') throw new Error(`no receiver fails by ${kind}`);
}

function drip(what: string, response: ServerResponse): void {
  if (what === 'nothing') return;
  const { socket } = response;
  if (what === 'body') response.writeHead(200, { 'content-type': 'text/plain' });
  if (what === 'headers') socket?.write('HTTP/1.1 200 OK\r\nx-drip: ');
  const timer = setInterval(() => {
    if (what === 'body') response.write('x');
    else if (what === 'headers') socket?.write('x');
    else response.writeProcessing();
  }, DRIP_EVERY_MS);
  socket?.once('close', () => clearInterval(timer));
}
