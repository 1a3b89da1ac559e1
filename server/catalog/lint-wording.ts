import type { Findings } from './findings.ts';
import type { Subject } from './lint-subject.ts';

// May be lower case inside a title; capitals are accepted too.
const SMALL = new Set(
  'a an and as at but by for from in into nor of off on onto or out over per the to up via vs with'.split(' '),
);

/** Labels are in Title Case and `fires_when` is a clause: platforms put both into their own sentences. */
export function lintWording({ entries }: Subject, findings: Findings): void {
  for (const { entry, at } of entries) {
    if (findings.sound(`${at}/label`)) {
      const fault = labelFault(entry.label);
      if (fault) findings.add(`${at}/label`, fault);
    }
    if (findings.sound(`${at}/fires_when`)) {
      const fault = clauseFault(entry.fires_when);
      if (fault) findings.add(`${at}/fires_when`, fault);
    }
  }
}

function labelFault(label: string): string | null {
  if (label !== label.trim() || /\s{2,}|[^\S ]/.test(label))
    return `"${label}" must have single spaces between its words and none around them`;
  if (/[.!?,;:]$/.test(label)) return `"${label}" must not end with punctuation`;
  const words = label.split(' ');
  const wrong = words.find((word, index) => {
    const inside = index > 0 && index < words.length - 1;
    return !/^[^\p{L}\p{N}]*[\p{Lu}\p{Lt}\p{Lo}\p{N}]/u.test(word) && !(inside && SMALL.has(word));
  });
  return wrong === undefined ? null : `"${label}" must be in Title Case: write "${wrong}" with a capital`;
}

function clauseFault(clause: string): string | null {
  const wanted = 'it completes the sentence "Triggers when ...", such as "a parcel leaves the depot"';
  if (clause !== clause.trim() || /\s{2,}|[^\S ]/.test(clause)) return `must be one line with single spaces: ${wanted}`;
  if (/[.!?,;:]$/.test(clause)) return `must not end with punctuation: ${wanted}`;
  if (/^(triggers\s|fires\s|when\s)/i.test(clause)) return `must not begin with "${clause.split(' ')[0]}": ${wanted}`;
  if (!/^[\p{Ll}\p{Lo}\p{N}]/u.test(clause)) return `must begin with a small letter: ${wanted}`;
  if (!clause.includes(' ')) return `must be a clause: ${wanted}`;
  return null;
}
