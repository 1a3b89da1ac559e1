/** Words that stay lower-case inside a title. */
const SMALL = new Set('a an and as at but by for from in into of on or the to via vs with without'.split(' '));

/** Whether every word begins with a capital or a digit, small words inside excepted. */
export function isTitleCase(text: string): boolean {
  const words = text.split(' ');
  return words.every((word, index) => {
    if (SMALL.has(word)) return index > 0 && index < words.length - 1;
    return /^\(?[\p{Lu}\p{N}]/u.test(word);
  });
}
