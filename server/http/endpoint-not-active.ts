import { Problem } from '../problem.ts';

/** The endpoint is paused or disabled, so nothing can be sent to it now. */
export function endpointNotActive(whose: string): Problem {
  return new Problem(
    409,
    'endpoint_not_active',
    `${whose} is paused or disabled. Activate it (PATCH state: active); what it holds then goes out.`,
  );
}
