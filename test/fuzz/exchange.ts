import { connect } from 'node:net';

/** What came back, as it was written. */
export interface Exchanged {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** Writes bytes to a server and reads its last answer until it closes the connection. @throws Error when none comes in time. */
export async function exchange(url: string, request: Buffer, timeoutMs: number): Promise<Exchanged> {
  const { hostname, port } = new URL(url);
  const answer = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    // A refusal may come while the rest of a body is still being written: what was read before counts.
    socket.on('error', (error) => (chunks.length === 0 ? reject(error) : resolve(Buffer.concat(chunks))));
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
  return parsed(answer.toString('utf8'));
}

function parsed(text: string): Exchanged {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, end === -1 ? text.length : end).split('\r\n');
  const [, status] = line.match(/^HTTP\/1\.1 (\d{3})/) ?? [];
  if (status === undefined || end === -1) throw new Error(`not an HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  const rest = text.slice(end + 4);
  if (status.startsWith('1')) return parsed(rest);
  const headers = new Map(
    lines.map((one) => [one.split(':', 1)[0]?.toLowerCase() ?? '', one.slice(one.indexOf(':') + 2)]),
  );
  return { status: Number(status), headers, body: rest };
}
