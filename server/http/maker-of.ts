import type { Caller } from '../model.ts';
import { mayReadPersonal } from './personal.ts';

/** Who makes an endpoint: the token (none for the operator, whose token is nobody's to revoke), and what it may read. */
export function makerOf(caller: Caller): { tokenId: string | null; isPersonal: boolean } {
  return { tokenId: caller.isOperator ? null : caller.tokenId, isPersonal: mayReadPersonal(caller) };
}
