import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Marks, nearness, type Row, rows } from './rows.ts';
import type { Results } from './run-measures.ts';
import type { Surroundings } from './surroundings.ts';

/** What a run of the bench found. */
export interface Findings extends Results {
  store: 'sqlite' | 'postgres';
  surroundings: Surroundings;
  runs: number;
}

/** The report as Markdown: what is held to a mark, then everything that was measured beside it. */
export function asMarkdown(findings: Findings): string {
  const { surroundings, runs, medians, store, absent } = findings;
  const about = Object.entries(surroundings).map(([name, value]) => `| ${name} | ${value} |`);
  const held = rows.filter((row) => row.value in medians || measureOf(row) in absent);
  const lines = held.map((row) => line(row, row[store], medians[row.value], absent[measureOf(row)]));
  const beside = Object.entries(medians).filter(([name]) => !held.some(({ value }) => value === name));
  return [
    `# Bench on ${store === 'sqlite' ? 'SQLite' : 'PostgreSQL'}, ${surroundings.date.slice(0, 10)}`,
    '',
    '| | |\n|---|---|',
    ...about,
    `| runs | ${runs === 1 ? 'one' : `medians of ${runs}; those of the backlog once`} |`,
    '',
    '| measure | value | required | goal | reached |\n|---|---|---|---|---|',
    ...lines,
    '',
    'Measured beside it (rates a second; µs are CPU microseconds a delivery):',
    '',
    '| | |\n|---|---|',
    ...beside.map(([name, value]) => `| ${name} | ${short(value)} |`),
    '',
  ].join('\n');
}

/** Writes `<date>-<store>.md` and `.json` into the folder. Answers with the first one's path. */
export function writeReport(folder: string, findings: Findings): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${findings.surroundings.date.slice(0, 10)}-${findings.store}`);
  writeFileSync(`${path}.md`, asMarkdown(findings));
  writeFileSync(`${path}.json`, `${JSON.stringify(findings, null, 2)}\n`);
  return `${path}.md`;
}

/** Values are named for their measure, `single.ratio`. */
function measureOf({ value }: Row): string {
  return value.slice(0, value.indexOf('.'));
}

function line(row: Row, { required, goal }: Marks, value: number | undefined, absent: string | undefined): string {
  const sign = row.better === 'more' ? '≥' : '≤';
  const marks = `${sign} ${inUnit(required, row)} | ${goal === undefined ? '' : `${sign} ${inUnit(goal, row)}`}`;
  if (value === undefined) return `| ${row.label} | | ${marks} | ${absent ?? 'not measured'} |`;
  const reached = `required: ${nearness(value, required, row.better)}`;
  const wished = goal === undefined ? '' : `, goal: ${nearness(value, goal, row.better)}`;
  return `| ${row.label} | ${inUnit(value, row)} | ${marks} | ${reached}${wished} |`;
}

function inUnit(value: number, { unit }: Row): string {
  return unit === '' || unit === 'x' ? `${short(value)}${unit}` : `${short(value)} ${unit}`;
}

/** Three digits are more than such a measurement knows. */
function short(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
