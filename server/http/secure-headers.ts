import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/**
 * What every reply says to browsers: nothing in it is a page, may be framed, sniffed or kept. The values are Helmet's, taken
 * once at the start instead of set again for each request; a reply's own headers go before them.
 */
export const SECURE_HEADERS: Readonly<Record<string, string>> = take();

function take(): Record<string, string> {
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' };
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name] = value;
    },
    removeHeader: () => undefined,
  };
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  })({} as IncomingMessage, response as unknown as ServerResponse, () => undefined);
  return headers;
}
