/** `npm run receiver`: prints every delivery that arrives on port 9000 (or PORT), and takes it. */
import { createServer } from 'node:http';

const HOST = '127.0.0.1';
const port = Number(process.env.PORT || 9000);
if (!Number.isInteger(port) || port < 0 || port > 65535)
  fail(`PORT is "${process.env.PORT}"; it must be a whole number from 0 to 65535`);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    const body = Buffer.concat(chunks).toString('utf8');
    console.log(`\n${request.method} ${request.url}\n${headers.join('\n')}\n\n${readable(body)}`);
    response.writeHead(204).end();
  });
});
server.on('error', (error: NodeJS.ErrnoException) =>
  fail(
    error.code === 'EADDRINUSE'
      ? `port ${port} is in use. Stop what listens there, or choose another port: PORT=9001 npm run receiver`
      : error.message,
  ),
);
server.on('listening', () => {
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`Receiving on http://${HOST}:${bound}/ (end with Ctrl+C)`);
});
server.listen(port, HOST);

/** JSON over several lines; anything else as it came. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function fail(why: string): never {
  console.error(`The receiver cannot start: ${why}`);
  process.exit(1);
}
