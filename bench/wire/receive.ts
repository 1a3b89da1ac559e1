import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** What a receiver does with a request: `head` is its bytes up to the body, valid during the call only. */
export type OnRequest = (head: Buffer, answer: () => void) => void;

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LENGTH = Buffer.from('\r\ncontent-length: ');
const NOTHING = Buffer.alloc(0);

/**
 * Listens for POSTs and answers each with the 204 that Node's own HTTP server would send, once its last byte is there.
 * It reads no more of HTTP than where a request ends: a receiver is elsewhere in real life, so here it should cost little.
 * Resolves to its URL once it listens.
 */
export function receive(onRequest: OnRequest): Promise<{ url: string; close(): void }> {
  const server = createServer({ noDelay: true }, (socket) => serve(socket, onRequest));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 4096, () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      resolve({ url, close: () => server.close() });
    });
  });
}

function serve(socket: Socket, onRequest: OnRequest): void {
  const answer = (): void => {
    socket.write(noContent());
  };
  /** The beginning of a head whose end has not come. */
  let begun: Buffer = NOTHING;
  /** The head of the request whose body is still coming. */
  let head: Buffer = NOTHING;
  let missing = 0;
  socket.on('data', (data: Buffer) => {
    let at = 0;
    let chunk = data;
    if (begun.length > 0) {
      chunk = Buffer.concat([begun, data]);
      begun = NOTHING;
    }
    while (at < chunk.length) {
      if (missing > 0) {
        const taken = Math.min(missing, chunk.length - at);
        missing -= taken;
        at += taken;
      } else {
        const end = chunk.indexOf(END_OF_HEAD, at);
        if (end < 0) {
          begun = Buffer.from(chunk.subarray(at));
          return;
        }
        head = chunk.subarray(at, end);
        missing = lengthIn(head);
        at = end + END_OF_HEAD.length;
      }
      if (missing === 0) onRequest(head, answer);
    }
  });
  // The server under measure stops, or closes what is idle; neither is this side's business.
  socket.on('error', () => undefined);
}

/** The content-length of a head. Senders that write it in small letters, as undici does, are read without making text. */
function lengthIn(head: Buffer): number {
  const at = head.indexOf(LENGTH);
  if (at < 0) return Number(/\r\ncontent-length: *(\d+)/i.exec(head.toString('latin1'))?.[1] ?? 0);
  let length = 0;
  for (let index = at + LENGTH.length; index < head.length; index += 1) {
    const digit = (head[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  return length;
}

let reply = NOTHING;
let replyMadeAt = 0;

/** The headers that Node's HTTP server sends with an empty 204; the date is made once a second. */
function noContent(): Buffer {
  const now = Date.now();
  if (now - replyMadeAt >= 1000) {
    replyMadeAt = now;
    reply = Buffer.from(
      `HTTP/1.1 204 No Content\r\nDate: ${new Date(now).toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\n`,
    );
  }
  return reply;
}
