import { Problem } from '../problem.ts';

/** What a receiver asks for in `Authorization`. */
export type Credentials = { type: 'basic'; username: string; password: string } | { type: 'bearer'; token: string };

/**
 * The credentials to store: JSON text, or null for none.
 * @throws Problem 422 `credentials_invalid` when they cannot be sent, or a custom header has their place.
 */
export function checkCredentials(
  credentials: Credentials | null,
  headers: Readonly<Record<string, string>>,
): string | null {
  if (credentials === null) return null;
  if (credentials.type === 'basic' && credentials.username.includes(':'))
    throw invalid('/credentials/username', 'contains a colon, which would begin the password');
  if (credentials.type === 'bearer' && !/^[\x21-\x7e]+$/.test(credentials.token))
    throw invalid('/credentials/token', 'has characters other than visible ASCII');
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization'))
    throw invalid('/credentials', 'take the place of the custom header Authorization: leave one of them out');
  return JSON.stringify(credentials);
}

/** The value of `Authorization` for stored credentials. */
export function authorizationOf(stored: string): string {
  const credentials = JSON.parse(stored) as Credentials;
  return credentials.type === 'bearer'
    ? `Bearer ${credentials.token}`
    : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

function invalid(pointer: string, message: string): Problem {
  return new Problem(422, 'credentials_invalid', `The credentials cannot be sent: ${pointer} ${message}.`, {
    errors: [{ pointer, message }],
  });
}
