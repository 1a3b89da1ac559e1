import { fieldFaults } from './field-faults.ts';
import type { Findings } from './findings.ts';
import { type Subject, schemaIsSound } from './lint-subject.ts';
import type { SampleEntry } from './types.ts';

/** Samples are what no-code users build on: each is valid as it stands, keys that are null included. */
export function lintSamples(subject: Subject, findings: Findings): void {
  const ids = new Set<string>();
  for (const one of subject.entries) {
    const { entry, at, index } = one;
    if (!Array.isArray(entry.samples)) continue;
    const usable = schemaIsSound(subject, one, findings);
    entry.samples.forEach((sample, number) => {
      const here = `${at}/samples/${number}`;
      if (!findings.sound(here)) return;
      if (ids.has(sample.id)) findings.add(`${here}/id`, `another sample has the id "${sample.id}" already`);
      ids.add(sample.id);
      if (!sample.created_at.endsWith('Z')) findings.add(`${here}/created_at`, 'must be in UTC and end with Z');
      if (findings.sound(`${at}/scope`)) lintProject(here, sample, entry.scope === 'project');
      if (usable) lintData(here, sample, index);
    });
  }

  function lintProject(here: string, { project_id }: SampleEntry, wanted: boolean): void {
    if (wanted && project_id === null) findings.add(`${here}/project_id`, 'must name a project: the scope is project');
    if (!wanted && project_id !== null) findings.add(`${here}/project_id`, 'must be null: the scope is team');
  }

  function lintData(here: string, { data }: SampleEntry, index: number): void {
    const validate = subject.validators.event(index);
    if (validate(data)) return;
    for (const { pointer, message } of fieldFaults(validate.errors ?? [], data)) {
      findings.add(`${here}/data${pointer}`, message);
    }
  }
}
