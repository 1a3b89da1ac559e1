import type { CompiledOperation } from './compile-contract.ts';
import type { WireReply } from './send.ts';

/** What is wrong with a reply by the contract; null when nothing is. For tests: it parses the body again. */
export function replyFault(operation: CompiledOperation, reply: WireReply): string | null {
  const { status, headers, body } = reply;
  // Only a fault of the server itself may come under `default`.
  const key = operation.responses.has(String(status)) ? String(status) : status >= 500 ? 'default' : null;
  const expected = key === null ? undefined : operation.responses.get(key);
  if (expected === undefined) return `${operation.id} must not answer ${status}`;
  if (expected === null) return body === undefined ? null : `${operation.id} ${status} must have no body`;
  if (body === undefined) return `${operation.id} ${status} must have a body`;
  const [type] = headers['Content-Type']?.split(';') ?? [];
  if (type !== expected.type) return `${operation.id} ${status} must be ${expected.type}, not ${type}`;
  if (headers['Content-Encoding'] !== undefined) return null;
  const { validate } = expected;
  const value: unknown = type === 'text/plain' ? body.toString() : JSON.parse(body.toString());
  if (validate(value)) return null;
  const faults = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`);
  return `${operation.id} ${status}: ${faults.join('; ')}`;
}
