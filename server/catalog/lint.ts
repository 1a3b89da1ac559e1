import type { DataValidators } from './data-validators.ts';
import { Findings } from './findings.ts';
import { lintDialects } from './lint-dialects.ts';
import { lintDocumentForm } from './lint-document-form.ts';
import { lintFamilies } from './lint-families.ts';
import { lintFields } from './lint-fields.ts';
import { lintFilters } from './lint-filters.ts';
import { lintNames } from './lint-names.ts';
import { lintPersonal } from './lint-personal.ts';
import { lintSamples } from './lint-samples.ts';
import { lintSchemas } from './lint-schemas.ts';
import { subjectOf } from './lint-subject.ts';
import { lintWording } from './lint-wording.ts';
import type { CatalogDocument, CatalogFault } from './types.ts';

/** The faults of a catalog, and the validators that were compiled to find them. */
export interface Inspection {
  faults: CatalogFault[];
  /** Null when the document's form left nothing to compile. */
  validators: DataValidators | null;
}

/**
 * All faults of a catalog document, each with its file, event type and JSON pointer; empty when it can be loaded.
 * Never throws, whatever JSON it is given. `builtIn` is what the document will be merged with.
 */
export function lintCatalog(document: unknown, file: string, builtIn: CatalogDocument | null = null): CatalogFault[] {
  return inspectCatalog(document, file, builtIn).faults;
}

/** As `lintCatalog`, for those who go on with the compiled validators. */
export function inspectCatalog(document: unknown, file: string, builtIn: CatalogDocument | null = null): Inspection {
  const findings = new Findings(file, document);
  let validators: DataValidators | null = null;
  try {
    lintDocumentForm(document, findings);
    if (findings.faults.some(({ pointer }) => pointer === '')) {
      return { faults: findings.faults, validators };
    }
    const subject = subjectOf(document as CatalogDocument, findings, builtIn);
    validators = subject.validators;
    // Each check leaves out what an earlier one found at fault, so that one mistake is reported once.
    lintNames(subject, findings);
    lintFamilies(subject, findings);
    lintWording(subject, findings);
    lintDialects(subject, findings);
    lintSchemas(subject, findings);
    lintFilters(subject, findings);
    lintSamples(subject, findings);
    lintFields(subject, findings);
    lintPersonal(subject, findings);
  } catch (error) {
    // Only nesting that exhausts the stack is known to come here.
    findings.add('', `cannot be checked to the end (${error instanceof Error ? error.message : String(error)})`);
  }
  return { faults: findings.faults, validators };
}
