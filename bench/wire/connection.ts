import { connect, type Socket } from 'node:net';

/** What came back: the status, and the first bytes of the body, as many as were asked for. */
export interface Reply {
  status: number;
  body: string;
}

/** A server closes what has been idle for 5 s; what has been idle for this long is not used again. */
const LONGEST_IDLE_MS = 2000;

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** The bytes of a POST of JSON, so that they are made once and sent often. */
export function postBytes(url: string, path: string, token: string, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/**
 * One keep-alive connection with one request at a time. It reads no more of a reply than its status, its length and the
 * first `keep` bytes of its body: a publisher is elsewhere in real life, so here it should cost little.
 */
export class Connection {
  readonly #host: string;
  readonly #port: number;
  readonly #keep: number;
  #socket: Socket | undefined;
  #usedAt = 0;
  #onReply: ((reply: Reply) => void) | undefined;
  /** What has come of the reply, as long as its head is not complete or its body is to be kept. */
  #come: Buffer[] = [];
  #missing = -1;
  #status = 0;
  #kept = '';

  constructor(url: string, keep = 0) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#keep = keep;
  }

  /** Sends a request; `onReply` is called when the reply is complete. @throws when the last one is not answered yet. */
  post(bytes: Buffer, onReply: (reply: Reply) => void): void {
    if (this.#onReply !== undefined) throw new Error('a connection of the bench carries one request at a time');
    this.#onReply = onReply;
    if (performance.now() - this.#usedAt > LONGEST_IDLE_MS) this.close();
    this.#socket ??= this.#open();
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    // One buffer for the life of the connection, instead of one per read.
    const buffer = Buffer.allocUnsafe(64 * 1024);
    const socket = connect({
      host: this.#host,
      port: this.#port,
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#read(buffer.subarray(0, length));
          return true;
        },
      },
    });
    let reason = 'no error';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (this.#onReply !== undefined)
        throw new Error(`the server closed a connection instead of answering (${reason})`);
    });
    return socket;
  }

  #read(chunk: Buffer): void {
    if (this.#missing >= 0) {
      this.#missing -= chunk.length;
      if (this.#kept.length < this.#keep) this.#kept += chunk.toString('latin1', 0, this.#keep - this.#kept.length);
    } else if (!this.#readHead(chunk)) return;
    if (this.#missing > 0) return;
    this.#usedAt = performance.now();
    const onReply = this.#onReply;
    const reply = { status: this.#status, body: this.#kept };
    this.#onReply = undefined;
    this.#missing = -1;
    this.#kept = '';
    onReply?.(reply);
  }

  /** Reads the head from what has come so far; false when its end has not. */
  #readHead(chunk: Buffer): boolean {
    const whole = this.#come.length === 0 ? chunk : Buffer.concat([...this.#come, chunk]);
    const end = whole.indexOf(END_OF_HEAD);
    if (end < 0) {
      this.#come.push(Buffer.from(chunk));
      return false;
    }
    this.#come = [];
    const head = whole.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`the bench reads replies with a content-length only, not\n${head}`);
    this.#status = Number(head.slice(9, 12));
    const begin = end + END_OF_HEAD.length;
    this.#missing = Number(length) - (whole.length - begin);
    this.#kept = this.#keep === 0 ? '' : whole.toString('latin1', begin, begin + this.#keep);
    return true;
  }
}
