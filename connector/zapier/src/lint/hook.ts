import type { Fault, TriggerDefinition } from './definition.ts';

/** How the trigger gets its events: D006, D016, D017. */
export function hookFaults({ operation }: TriggerDefinition): Fault[] {
  const faults: Fault[] = [];
  if (!operation.performList) faults.push({ check: 'D006', message: 'there is no performList' });
  if (operation.type !== 'hook' || !operation.performSubscribe)
    faults.push({ check: 'D016', message: 'it does not subscribe a hook: users would have to paste a URL' });
  if (!operation.performUnsubscribe) faults.push({ check: 'D017', message: 'it does not unsubscribe its hook' });
  return faults;
}
