import { request as httpsRequest } from 'node:https';
import { isIPv6, type Socket } from 'node:net';

// Not imported, for the reason that `http/node-http.ts` gives.
const { request: httpRequest } = process.getBuiltinModule('node:http');

/** Opens a connection to an address through a proxy. */
export type ProxyTunnel = (
  address: string,
  port: number,
  opened: (...result: [Error, null] | [null, Socket]) => void,
) => void;

/**
 * The way through an HTTP proxy: one CONNECT for each connection.
 * @param proxy `http://` or `https://`, with `user:password@` where it asks for them
 * @param timeoutMs how long the proxy may take to open a connection, in milliseconds
 */
export function proxyTunnel(proxy: URL, timeoutMs: number): ProxyTunnel {
  const request = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const user = decodeURIComponent(proxy.username);
  const authorization = `Basic ${Buffer.from(`${user}:${decodeURIComponent(proxy.password)}`).toString('base64')}`;
  return (address, port, opened) => {
    const target = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
    const asked = request(proxy.origin, {
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(user !== '' && { 'proxy-authorization': authorization }) },
      agent: false,
      timeout: timeoutMs,
    });
    asked.once('connect', (reply, socket) => {
      if (reply.statusCode === 200) return opened(null, socket as Socket);
      socket.destroy();
      opened(new Error(`the proxy answered ${reply.statusCode} to CONNECT`), null);
    });
    asked.once('timeout', () => asked.destroy(new Error(`no connection through the proxy within ${timeoutMs} ms`)));
    asked.once('error', (error) => opened(error, null));
    asked.end();
  };
}
