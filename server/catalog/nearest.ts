// Longer names are cut: the cost of a comparison grows with the product of the lengths, and the name comes from outside.
const MAX_LENGTH = 100;

/** The `n` of `names` that are nearest to `name` by edit distance, best first; equal ones keep their order. */
export function nearest(name: string, names: Iterable<string>, n = 3): string[] {
  const wanted = name.slice(0, MAX_LENGTH).toLowerCase();
  return [...names]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, n)
    .map(({ candidate }) => candidate);
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? a.length;
}
