import { fieldFaults } from './field-faults.ts';
import type { Findings } from './findings.ts';
import type { Subject } from './lint-subject.ts';
import { reachableDefinitions } from './self-contained.ts';
import type { SampleEntry } from './types.ts';

/** Samples are what no-code users build on: each is valid as it stands, keys that are null included. */
export function lintSamples({ entries, $defs, validators }: Subject, findings: Findings): void {
  const ids = new Set<string>();
  for (const { entry, at, index } of entries) {
    if (!Array.isArray(entry.samples)) continue;
    const used = reachableDefinitions(entry.schema, $defs);
    const usable = findings.sound(`${at}/schema`) && used.every((name) => findings.sound(`/$defs/${name}`));
    entry.samples.forEach((sample, number) => {
      const here = `${at}/samples/${number}`;
      if (!findings.sound(here)) return;
      if (ids.has(sample.id)) findings.add(`${here}/id`, `another sample has the id "${sample.id}" already`);
      ids.add(sample.id);
      if (findings.sound(`${at}/scope`)) lintProject(here, sample, entry.scope === 'project');
      if (usable) lintData(here, sample, index);
    });
  }

  function lintProject(here: string, sample: SampleEntry, wanted: boolean): void {
    if (wanted && sample.project_id === null)
      findings.add(`${here}/project_id`, 'must name a project: the scope is project');
    if (!wanted && sample.project_id !== null) findings.add(`${here}/project_id`, 'must be null: the scope is team');
  }

  function lintData(here: string, sample: SampleEntry, index: number): void {
    const validate = validators.event(index);
    if (validate(sample.data)) return;
    for (const { pointer, message } of fieldFaults(validate.errors ?? [], sample.data)) {
      findings.add(`${here}/data${pointer}`, message);
    }
  }
}
