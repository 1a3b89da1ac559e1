/** What came back from one POST. Either `status` or `error` says what happened; both when a reply broke off. */
export interface SendResult {
  status: number | null;
  /** Why there is no usable reply, in words for the endpoint's owner. */
  error: string | null;
  timedOut: boolean;
  durationMs: number;
  replyHeaders: Record<string, string> | null;
  /** The first 4 KB of the reply. */
  replyBody: string | null;
}
