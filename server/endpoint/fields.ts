import type { Filters, Signature } from '../model.ts';
import type { ClientCertificate } from './check-client-certificate.ts';
import type { Credentials } from './check-credentials.ts';

/** The fields that an endpoint may be given when it is made and when it is changed; undefined is like left out. */
export interface EndpointFields {
  name?: string | null | undefined;
  project_id?: string | null | undefined;
  filters?: Filters | null | undefined;
  dialect?: string | undefined;
  headers?: Record<string, string> | undefined;
  allowed_ips?: readonly string[] | null | undefined;
  credentials?: Credentials | null | undefined;
  client_certificate?: ClientCertificate | null | undefined;
  signature?: Signature | null | undefined;
  retry_policy?: string | undefined;
  timeout_ms?: number | undefined;
  max_in_flight?: number | undefined;
  rate_limit?: number | null | undefined;
  ordered?: boolean | undefined;
  ordering_key?: string | null | undefined;
}
