import { nearest } from '../catalog/nearest.ts';
import { Problem } from '../problem.ts';
import type { EndpointRules } from './rules.ts';

/** The dialect of that name. @throws Problem 422 `dialect_unknown`, naming those there are. */
export function checkDialect(rules: EndpointRules, name: string): { defaultRetryPolicy: string } {
  const dialect = rules.dialects.get(name);
  if (dialect === undefined) throw unknown('dialect', name, [...rules.dialects.keys()]);
  return dialect;
}

/** Checks that there is a retry policy of that name. @throws Problem 422 `retry_policy_unknown`. */
export function checkRetryPolicy(rules: EndpointRules, name: string): void {
  if (!rules.retryPolicies.has(name)) throw unknown('retry_policy', name, [...rules.retryPolicies]);
}

function unknown(field: 'dialect' | 'retry_policy', name: string, known: string[]): Problem {
  const [best] = nearest(name, known, 1);
  const detail = `There is no ${field.replace('_', ' ')} "${name}". Did you mean "${best}"? Known are: ${known.join(', ')}.`;
  return new Problem(422, `${field}_unknown`, detail, { errors: [{ pointer: `/${field}`, message: detail }] });
}
