import type { Bundle, ZObject } from 'zapier-platform-core';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The server's address as the user gave it, without a slash at the end. It may have a path, for a server behind a
 * proxy. Over plain http, anybody on the way could read the token, so that is for this machine only.
 * @throws z.errors.Error when it is no such address.
 */
export function baseUrl(z: ZObject, bundle: Bundle): string {
  const given = (bundle.authData.base_url ?? '').trim();
  const url = URL.canParse(given) ? new URL(given) : null;
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (url === null || !isAllowed || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new z.errors.Error(
      'The server URL must be an address that begins with https://, such as https://hooks.example.com.',
      'InvalidServerUrl',
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
