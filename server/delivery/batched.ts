/**
 * Makes one read of those that are asked for in the same turn of the event loop: when a worker leases many lanes, each wants to
 * know the same of itself.
 * @param read answers for all keys, in their order
 */
export function batched<Key, Value>(
  read: (keys: readonly Key[]) => Promise<readonly Value[]>,
): (key: Key) => Promise<Value> {
  let waiting: { key: Key; resolve(value: Value): void; reject(error: unknown): void }[] = [];

  async function readAll(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const values = await read(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, index) => {
        resolve(values[index] as Value);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ key, resolve, reject }) === 1) queueMicrotask(readAll);
    });
}
