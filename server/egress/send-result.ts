/** What came back from one POST. Either `status` or `error` says what happened; both when a reply broke off. */
export interface SendResult {
  status: number | null;
  /** Why there is no usable reply, in words for the endpoint's owner. */
  error: string | null;
  timedOut: boolean;
  durationMs: number;
  /** The reply's headers as the text of a JSON object, which is what is stored: it passes two threads on its way to disk. */
  replyHeaders: string | null;
  /** Its `Retry-After`, as it came. */
  retryAfter: string | null;
  /** The first 4 KB of the reply. */
  replyBody: string | null;
}
