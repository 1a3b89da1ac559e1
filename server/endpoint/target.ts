import type { EgressPolicy } from '../egress/egress-policy.ts';
import { targetFault } from '../egress/target-fault.ts';
import { Problem } from '../problem.ts';

const MAX_LENGTH = 2048;

/**
 * Checks a URL that deliveries are to go to, as far as it can be told without a look-up.
 * @throws Problem 422 `target_invalid` when it is not a usable URL, `target_refused` when it is one that must not be called.
 */
export function checkTarget(url: string, policy: EgressPolicy): void {
  if (url.length > MAX_LENGTH) throw invalid(`is longer than ${MAX_LENGTH} characters`);
  // The URL parser drops some of these silently, so that what is stored would not be what is called.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(url)) throw invalid('contains a space or a control character');
  const target = URL.parse(url);
  if (target === null) throw invalid('is not an absolute URL, such as https://example.net/hooks/1');
  // An empty user name is one too, and hides which part is the host.
  if (target.username !== '' || target.password !== '' || /^[^/\\?#]*[/\\]*[^/\\?#]*@/.test(url))
    throw invalid('carries a user name or password; give them as credentials instead');
  const fault = targetFault(target, policy);
  if (fault !== null) throw refused(fault);
}

function invalid(what: string): Problem {
  return new Problem(422, 'target_invalid', `The URL ${what}.`, { errors: [{ pointer: '/url', message: what }] });
}

function refused(what: string): Problem {
  return new Problem(422, 'target_refused', `The URL ${what}. Give one that can be reached from the internet.`, {
    errors: [{ pointer: '/url', message: what }],
  });
}
