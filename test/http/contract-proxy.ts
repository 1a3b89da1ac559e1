import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Call, CallOptions } from './caller.ts';

/** Prism between a client and a server: a judge of every reply that knows the contract and nothing of our code. */
export interface ContractProxy extends AsyncDisposable {
  url: string;
  /** Calls the server through the proxy, and directly where the proxy cannot carry the request. */
  judged(through: Call, direct: Call): Call;
}

/** What Prism says itself, in place of the server. */
const ITS_OWN = 'https://stoplight.io/prism/errors#';

/** Starts a proxy in front of a server. Requests are not judged: tests make faulty ones on purpose. */
export async function startContractProxy(upstream: string): Promise<ContractProxy> {
  const port = await freePort();
  const program = fileURLToPath(new URL('../../node_modules/@stoplight/prism-cli/dist/index.js', import.meta.url));
  const contract = fileURLToPath(new URL('../../openapi.yaml', import.meta.url));
  const options = ['--errors', '--validate-request', 'false', '--cors', 'false', '--port', `${port}`];
  const child = spawn(process.execPath, [program, 'proxy', ...options, contract, upstream], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let says = '';
  child.stdout.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      says += text;
      if (says.includes('Prism is listening')) resolve();
    });
    child.on('exit', () => reject(new Error(`the contract proxy did not start: ${says}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    judged: (through, direct) => async (method, path, options) => {
      if (!canCarry(method, options)) return direct(method, path, options);
      const answer = await through(method, path, options);
      const type: unknown = answer.json?.type;
      if (typeof type !== 'string' || !type.startsWith(ITS_OWN)) return answer;
      if (type === `${ITS_OWN}VIOLATIONS`) throw new Error(`${method} ${path} breaks the contract: ${answer.text}`);
      // No such path, or no token: it has not asked the server.
      return direct(method, path, options);
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** It parses bodies and writes them anew, decodes compressed replies, and knows the methods of the contract only. */
function canCarry(method: string, { body, headers = {} }: CallOptions = {}): boolean {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const isCompressed = Object.keys(headers).some((name) => name.toLowerCase() === 'accept-encoding');
  return !isRaw && !isCompressed && ['GET', 'POST', 'PATCH', 'DELETE'].includes(method);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
