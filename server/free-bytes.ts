/** What is smaller is left to the next collection of the young generation, which costs less than freeing it by itself. */
const WORTH_FREEING = 16 * 1024;

/**
 * Frees large bytes that nobody reads any more: they are empty from then on. V8 counts what waits for a collection against the heap's
 * limit; the bodies of batches alone, 12 KB an event with their replies, brought about a full collection every 1,500 events.
 */
export function freeBytes({ buffer, length }: Buffer): void {
  // Not where they are a part of something larger, as small ones are.
  if (length >= WORTH_FREEING && length === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
