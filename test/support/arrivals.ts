import type { Received, Receiver } from './receiver.ts';

/**
 * The keys of what has come to a receiver so far, gathered as it comes, so that asking often costs nothing.
 * The key is the event's id unless told otherwise.
 */
export function arrivals(
  receiver: Receiver,
  keyOf: (request: Received) => string = ({ json }) => json.id,
): () => ReadonlySet<string> {
  const keys = new Set<string>();
  let seen = 0;
  return () => {
    for (; seen < receiver.received.length; seen += 1) {
      const request = receiver.received[seen];
      if (request !== undefined) keys.add(keyOf(request));
    }
    return keys;
  };
}
