export const OPERATOR_TOKEN = 'operator-token-of-the-tests-0123456789';

/** What came back. `json` is undefined when the body is no JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies whose form the server itself checks
  json: any;
}

export interface CallOptions {
  token?: string | null;
  headers?: Record<string, string>;
  /** Sent as JSON; a string or bytes are sent as they are. */
  body?: unknown;
}

/** Calls a server. */
export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

/** Sends requests as the operator, unless told otherwise. */
export function caller(url: string): Call {
  return async (method, path, { token = OPERATOR_TOKEN, headers = {}, body } = {}) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };
}
