import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Problem } from '../problem.ts';

/** What the server shows to receivers that ask for a certificate, both PEM. The key is not encrypted. */
export interface ClientCertificate {
  certificate: string;
  key: string;
}

/** What reads show of a client certificate. */
export interface ClientCertificateView {
  subject: string;
  fingerprint_sha256: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/**
 * The certificate to store: JSON text, or null for none. A chain may follow the certificate.
 * @throws Problem 422 `client_certificate_invalid` when either part cannot be read, they do not belong together, or it has expired.
 */
export function checkClientCertificate(given: ClientCertificate | null, now: number): string | null {
  if (given === null) return null;
  const certificate = read('certificate', () => new X509Certificate(given.certificate));
  const key: KeyObject = read('key', () => createPrivateKey(given.key));
  if (!certificate.checkPrivateKey(key)) throw invalid('key', 'does not belong to the certificate');
  if (certificate.validToDate.getTime() <= now)
    throw invalid('certificate', `expired on ${certificate.validToDate.toISOString()}`);
  return JSON.stringify({ certificate: given.certificate, key: given.key });
}

/** What may be shown of a stored client certificate: nothing of its key. */
export function viewClientCertificate(stored: string): ClientCertificateView {
  const certificate = new X509Certificate((JSON.parse(stored) as ClientCertificate).certificate);
  return {
    subject: certificate.subject,
    fingerprint_sha256: certificate.fingerprint256,
    expiresAt: certificate.validToDate.getTime(),
  };
}

function read<T>(part: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    // What the parser says may quote the text.
    throw invalid(part, 'cannot be read: give PEM, and a key without a passphrase');
  }
}

function invalid(part: string, message: string): Problem {
  return new Problem(422, 'client_certificate_invalid', `The client certificate's ${part} ${message}.`, {
    errors: [{ pointer: `/client_certificate/${part}`, message }],
  });
}
