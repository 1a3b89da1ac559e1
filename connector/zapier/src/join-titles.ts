/**
 * One label from the titles on the way to a field: "Member", "Email" -> "Member Email". A title that begins with the
 * one before it stands alone: "Event", "Event ID" -> "Event ID".
 */
export function joinTitles(titles: readonly string[]): string {
  return titles.reduce((label, title) => {
    if (label === '' || title.toLowerCase().startsWith(`${label.toLowerCase()} `)) return title;
    return `${label} ${title}`;
  }, '');
}

/** The title of a schema; without one, its key in Title Case. */
export function titleOf(schema: { readonly title?: unknown }, key: string): string {
  return typeof schema.title === 'string' && schema.title !== '' ? schema.title : titleCase(key);
}

/** "past_due" or "PAST_DUE" -> "Past Due". */
export function titleCase(key: string): string {
  return key
    .split(/[_\s.-]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join(' ');
}
