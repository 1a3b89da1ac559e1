import type { Fault, TriggerDefinition } from './definition.ts';
import { brokenLinks } from './links.ts';
import { isTitleCase } from './title-case.ts';

const KEY = /^[a-zA-Z]+[a-zA-Z0-9_]*$/;
const DESCRIPTION = /^Triggers when [^\s.][^\n]*[^\s.]\.$/;

/** The key, and what a user reads in the list of triggers: KEY, D008, D018, D021. */
export function displayFaults(key: string, trigger: TriggerDefinition): Fault[] {
  const { label = '', description = '' } = trigger.display;
  const faults: Fault[] = [];
  if (!KEY.test(trigger.key))
    faults.push({ check: 'KEY', message: `the key "${trigger.key}" does not match ${KEY.source}` });
  if (trigger.key !== key) faults.push({ check: 'KEY', message: `the key "${trigger.key}" is listed under "${key}"` });
  if (!isTitleCase(label)) faults.push({ check: 'D018', message: `the label "${label}" is not in Title Case` });
  if (!DESCRIPTION.test(description))
    faults.push({ check: 'D021', message: `the description "${description}" is not of the form "Triggers when … ."` });
  for (const link of brokenLinks(description))
    faults.push({ check: 'D008', message: `the description links to "${link}", which is no https address` });
  return faults;
}
