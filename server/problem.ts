/** One field at fault, by JSON pointer into the request body (or the name of a parameter). */
export interface FieldFault {
  pointer: string;
  message: string;
}

/** Every code of a problem. The contract lists the same (`Problem` in openapi.yaml). */
export const PROBLEM_CODES = [
  'ability_missing',
  'allowed_ips_invalid',
  'body_too_large',
  'client_certificate_invalid',
  'credentials_invalid',
  'cursor_invalid',
  'delivery_not_found',
  'dialect_unknown',
  'endpoint_gone',
  'endpoint_not_active',
  'endpoint_not_found',
  'endpoint_quota_exceeded',
  'event_data_invalid',
  'event_id_taken',
  'event_not_found',
  'event_type_not_found',
  'event_type_reserved',
  'event_type_system',
  'event_type_unknown',
  'filter_unknown',
  'header_refused',
  'headers_too_large',
  'hook_immutable',
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'idempotency_other_token',
  'internal_error',
  'malformed_json',
  'malformed_request',
  'method_not_allowed',
  'not_ready',
  'operator_only',
  'parameter_invalid',
  'parameter_unknown',
  'payload_pruned',
  'pending_quota_exceeded',
  'project_id_forbidden',
  'project_id_required',
  'project_not_allowed',
  'rate_limited',
  'replay_not_found',
  'request_timeout',
  'response_contract_violation',
  'retry_policy_unknown',
  'route_not_found',
  'signature_refused',
  'storage_unavailable',
  'target_invalid',
  'target_refused',
  'team_exists',
  'team_not_found',
  'token_expired',
  'token_malformed',
  'token_missing',
  'token_not_found',
  'token_unknown',
  'unsupported_media_type',
  'validation_failed',
  'worker_only',
] as const;

/** A kind of problem: stable, and what clients and tests rely on. */
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/**
 * An error that a caller may see: RFC 9457 `application/problem+json`.
 * `detail` says what is wrong, where, and what to do.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly errors: FieldFault[] | undefined;
  readonly headers: Record<string, string> | undefined;

  constructor(
    status: number,
    code: ProblemCode,
    detail: string,
    more: { errors?: FieldFault[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers;
  }
}
