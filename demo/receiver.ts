/** `npm run receiver`: prints every delivery that arrives on port 9000 (or PORT), and takes it. */
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 9000);

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    console.log(
      `\n${request.method} ${request.url}\n${headers.join('\n')}\n\n${Buffer.concat(chunks).toString('utf8')}`,
    );
    response.writeHead(204).end();
  });
}).listen(port, '127.0.0.1', () => console.log(`Receiving on http://127.0.0.1:${port}/ (end with Ctrl+C)`));
