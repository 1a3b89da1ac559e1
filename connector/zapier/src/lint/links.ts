const MARKDOWN_LINK = /\[[^\]]*\]\(([^)]*)\)/g;
const BARE_LINK = /\bhttps?:\/\/[^\s)>\]]*/g;

/** Every link in a text that a user could not follow: in Markdown or bare, it must be a whole https address. */
export function brokenLinks(text: string): string[] {
  const links = [...text.matchAll(MARKDOWN_LINK)].map((match) => match[1] ?? '');
  const bare = text.replace(MARKDOWN_LINK, '').match(BARE_LINK) ?? [];
  return [...links, ...bare].filter((link) => !URL.canParse(link) || new URL(link).protocol !== 'https:');
}
