import type { Fault, FieldDefinition } from './definition.ts';
import { brokenLinks } from './links.ts';
import { isTitleCase } from './title-case.ts';

/** What a user reads of fields, and that no two are alike: KEY, LABEL, D008, D018. `what` names the kind of field. */
export function fieldFaults(what: string, fields: readonly FieldDefinition[]): Fault[] {
  const faults: Fault[] = [];
  const keys = new Set<string>();
  const labels = new Set<string>();
  for (const { key, label = '', helpText = '' } of fields) {
    const it = `the ${what} ${key}`;
    if (keys.has(key)) faults.push({ check: 'KEY', message: `${it} is there twice` });
    if (label === '') faults.push({ check: 'LABEL', message: `${it} has no label` });
    else if (labels.has(label)) faults.push({ check: 'LABEL', message: `${it} has the label of another: "${label}"` });
    else if (!isTitleCase(label.replace(/ \([^)]*\)$/, '')))
      faults.push({ check: 'D018', message: `${it} has the label "${label}", which is not in Title Case` });
    for (const link of brokenLinks(helpText))
      faults.push({ check: 'D008', message: `${it} links to "${link}", which is no https address` });
    keys.add(key);
    labels.add(label);
  }
  return faults;
}
