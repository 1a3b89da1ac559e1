import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { load } from 'js-yaml';
import { type Api, startApi } from '../http/api.ts';
import { scrapeOf } from '../support/scrape.ts';

const read = (file: string) => readFileSync(new URL(`../../docs/operating/${file}`, import.meta.url), 'utf8');
const namesIn = (text: string) => new Set(text.match(/\bhookloom_[a-z0-9_]+/g));

/** What stands in a scrape: every sample's name, and the metrics that they are of. */
const samples = new Set<string>();
const metrics = new Set<string>();
/** Labels of each sample's name. */
const labels = new Map<string, Set<string>>();
let api: Api;
before(async () => {
  api = await startApi();
  const { text } = await api.call('GET', '/metrics');
  for (const sample of scrapeOf(text).keys()) {
    const [name = ''] = sample.split('{');
    samples.add(name);
    const known = labels.get(name) ?? new Set();
    for (const [, label = ''] of sample.matchAll(/([a-z_]+)="/g)) known.add(label);
    labels.set(name, known);
  }
  for (const [, name = ''] of text.matchAll(/^# TYPE (\S+)/gm)) metrics.add(name);
});
after(() => api[Symbol.asyncDispose]());

interface Dashboard {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
  templating: { list: { query: string | { query: string } }[] };
}

const dashboard = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
const alerts = load(read('alerts.yml')) as {
  groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
};
const rules = alerts.groups.flatMap((group) => group.rules);
const expressions = [
  ...dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)),
  ...rules.map((rule) => rule.expr),
];

test('every metric that the dashboard and the alerts name is in a real scrape', () => {
  assert.ok(expressions.length > 30);
  for (const expression of expressions) {
    const names = namesIn(expression);
    assert.ok(names.size > 0, expression);
    for (const name of names) assert.ok(samples.has(name), `${name} in ${expression}`);
  }
});

test('every label by which the dashboard and the alerts choose or group is one of its metric, or set by the scrape', () => {
  const ofScrape = new Set(['job', 'instance']);
  for (const expression of expressions) {
    const known = new Set([...namesIn(expression)].flatMap((name) => [...(labels.get(name) ?? [])]));
    const chosen = [...expression.matchAll(/([a-z_]+)=~?"/g)].map(([, label = '']) => label);
    const grouped = [...expression.matchAll(/by \(([a-z_, ]+)\)/g)].flatMap(([, list = '']) => list.split(', '));
    for (const label of [...chosen, ...grouped])
      assert.ok(known.has(label) || ofScrape.has(label), `${label} in ${expression}`);
  }
});

test('every metric has its line in docs/operating/monitoring.md, and no other has', () => {
  const documented = [...read('monitoring.md').matchAll(/^\| `(hookloom_\w+)` \|/gm)].map(([, name = '']) => name);
  assert.deepEqual(documented.sort(), [...metrics].sort());
});

test('every metric is named with its unit: seconds, bytes, a total, or things that are counted', () => {
  const counted = ['hookloom_build_info', 'hookloom_backlog_deliveries', 'hookloom_commit_batch_size'];
  for (const name of metrics)
    assert.ok(/_(seconds|bytes|total)$/.test(name) || /^hookloom_lanes/.test(name) || counted.includes(name), name);
});

test('panels and alerts are told apart by id and name', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const names = rules.map(({ alert }) => alert);
  assert.equal(new Set(names).size, names.length);
  for (const { alert, annotations } of rules) assert.ok(annotations.summary, alert);
});
