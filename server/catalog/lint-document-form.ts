import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import form from './events.schema.json' with { type: 'json' };
import { fieldFaults } from './field-faults.ts';
import type { Findings } from './findings.ts';

/**
 * The form of the document itself, against events.schema.json. Everything after it relies on what is sound here.
 * That events.schema.json is valid is for a test to say: compiling the meta-schema once more took 20 ms of each start.
 */
export function lintDocumentForm(document: unknown, findings: Findings): void {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, validateSchema: false, logger: false });
  ajvFormats.default(ajv);
  const validate = ajv.compile(form);
  if (validate(document)) return;
  for (const { pointer, message } of fieldFaults(validate.errors ?? [], document)) {
    findings.add(pointer, message.replace('of this event type', 'of a catalog'));
  }
}
