/**
 * The form of a dialect in which deliveries are kept: its name alone, or marked as without personal fields. Endpoints and
 * deliveries carry it as their `dialect`, so that each has the body that was frozen in that form.
 */
const BLANK = '~blank';

/** The form of a dialect for whoever may, or may not, read personal fields. */
export function formOf(dialect: string, isPersonal: boolean): string {
  return isPersonal ? dialect : `${dialect}${BLANK}`;
}

/** Whether deliveries in this form have personal fields. */
export function isPersonalForm(form: string): boolean {
  return !form.endsWith(BLANK);
}

/** The dialect that a form is of. */
export function dialectOf(form: string): string {
  return isPersonalForm(form) ? form : form.slice(0, -BLANK.length);
}
