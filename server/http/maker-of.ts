import type { Caller } from '../model.ts';

/** The token that an endpoint is noted to be made with; null for the operator, whose token is nobody's to revoke. */
export function makerOf(caller: Caller): string | null {
  return caller.isOperator ? null : caller.tokenId;
}
