import type { AppDefinition, DefinitionFault } from './lint/definition.ts';
import { displayFaults } from './lint/display.ts';
import { fieldFaults } from './lint/fields.ts';
import { hookFaults } from './lint/hook.ts';
import { sampleFaults } from './lint/sample.ts';

/**
 * Checks a serialised app for what Zapier's review checks and its local validation lets pass. Zapier's ids are
 * D003 connectionLabel, D006 performList, D008 links, D010 and D012 a sample with an id, D016 and D017 no static
 * hooks, D018 Title Case, D021 the description's form, D023 ISO dates, D024 a sample that matches outputFields.
 * Rules of this project: KEY (permanent keys), LABEL (each field labelled, each label once), SAMPLE (nothing in the
 * sample that outputFields leave out).
 */
export function lintDefinition(definition: AppDefinition): DefinitionFault[] {
  const { authentication, triggers = {} } = definition;
  const faults: DefinitionFault[] = [];
  if (!authentication?.connectionLabel)
    faults.push({ trigger: null, check: 'D003', message: 'authentication has no connectionLabel' });
  for (const fault of fieldFaults('authentication field', authentication?.fields ?? []))
    faults.push({ trigger: null, ...fault });
  for (const [key, trigger] of Object.entries(triggers)) {
    const { inputFields = [], outputFields = [] } = trigger.operation;
    const own = [
      ...displayFaults(key, trigger),
      ...hookFaults(trigger),
      ...fieldFaults('input field', inputFields),
      ...fieldFaults('output field', outputFields),
      ...sampleFaults(trigger),
    ];
    faults.push(...own.map((fault) => ({ trigger: key, ...fault })));
  }
  return faults;
}
