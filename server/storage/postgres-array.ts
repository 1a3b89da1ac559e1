import type { Column, ColumnType } from './database.ts';

/** The types of elements, by the numbers that PostgreSQL has for them. */
const OIDS: Record<ColumnType, number> = { text: 25, bigint: 20 };
/** Dimensions, whether there are nulls, the type of the elements; of the one dimension its length and where it begins. */
const HEADER = 20;
const NULL = -1;
const BIGINT = 8;
const TWO_TO_32 = 2 ** 32;

/**
 * A column as an array in PostgreSQL's binary form (its `array_recv`): nothing of a text is escaped here and found again there, as in
 * an array's text. Numbers must be safe integers.
 */
export function postgresArray({ type, values }: Column): Buffer {
  const sizes = values.map((value) => {
    if (value === null) return 0;
    return type === 'bigint' ? BIGINT : Buffer.byteLength(String(value));
  });
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + size, HEADER));
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(OIDS[type], 8);
  bytes.writeInt32BE(values.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = HEADER;
  values.forEach((value, index) => {
    const size = sizes[index] ?? 0;
    bytes.writeInt32BE(value === null ? NULL : size, at);
    at += 4;
    if (value === null) return;
    if (type === 'text') bytes.write(String(value), at);
    else {
      // In halves: a BigInt would be made for each.
      const high = Math.floor(Number(value) / TWO_TO_32);
      bytes.writeInt32BE(high, at);
      bytes.writeUInt32BE(Number(value) - high * TWO_TO_32, at + 4);
    }
    at += size;
  });
  return bytes;
}
