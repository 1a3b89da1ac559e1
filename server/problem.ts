/** One field at fault, by JSON pointer into the request body (or the name of a parameter). */
export interface FieldFault {
  pointer: string;
  message: string;
}

/**
 * An error that a caller may see: RFC 9457 `application/problem+json`.
 * `code` is stable and what clients and tests rely on; `detail` says what is wrong, where, and what to do.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldFault[] | undefined;
  readonly headers: Record<string, string> | undefined;

  constructor(
    status: number,
    code: string,
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
