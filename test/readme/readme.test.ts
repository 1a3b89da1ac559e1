import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { dialects } from '../../server/delivery/dialect/dialects.ts';
import { readContract } from '../../server/http/contract.ts';
import { startApi } from '../http/api.ts';
import { startReceiver } from '../support/receiver.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');
const documents = ['*.md', 'docs/**/*.md', 'connector/*/*.md'].flatMap((glob) => globSync(glob, { cwd: root }));

/** Every first group, sorted, each once. */
function found(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? ''))].sort();
}

/** The configuration table: variables and their defaults. */
const table = new Map(
  [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? *\|/gm)].map(([, name = '', value = '']) => [name, value]),
);

describe('the configuration table of the README', () => {
  it('has the variables that the server reads', () => {
    const known = found(
      read('server/config.ts') + read('server/egress/egress-settings.ts'),
      /\b\w+(?:<\w+>)?\('([A-Z_]+)'|\benv\.([A-Z_]+)/g,
    );
    assert.deepEqual([...table.keys()].sort(), known);
  });

  it('has the variables and defaults of .env.example', () => {
    const example = [...read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    assert.deepEqual([...table], example);
  });

  it('names every dialect', () => {
    const row = readme.split('\n').find((line) => line.startsWith('| `HOOKLOOM_DEFAULT_DIALECT`')) ?? '';
    for (const name of dialects.keys()) {
      assert.ok(row.includes(`\`${name}\``), name);
      assert.match(read('.env.example'), new RegExp(`name no dialect: .*\\b${name}\\b`));
    }
  });
});

describe('the API in the README', () => {
  it('does what its lines say', async () => {
    await using api = await startApi();
    await using receiver = await startReceiver();
    const lines = [...readme.matchAll(/^api (\S+)(?: -d '(.*?)'| -X (\S+))? +#/gm)];
    assert.equal(lines.length, 10);
    for (const [line, path = '', data, method] of lines) {
      const deliveries = await api.call('GET', '/v1/webhook-deliveries');
      const answer = await api.call(
        method ?? (data === undefined ? 'GET' : 'POST'),
        path.replaceAll("'", '').replace('$DELIVERY', deliveries.json.data[0]?.id),
        data === undefined ? {} : { body: JSON.parse(data.replace('http://127.0.0.1:9000', receiver.url)) },
      );
      assert.ok(answer.status < 300, `${line}: ${answer.text}`);
      // The event went to the hook of the line before it.
      if (path === '/v1/webhook-events') assert.equal(answer.json.deliveries, 1);
    }
    await receiver.waitFor(1);
  });
});

describe('every document', () => {
  const scripts = (path: string): string[] => Object.keys(JSON.parse(read(path)).scripts);

  it('names scripts that there are', () => {
    for (const document of documents)
      for (const [, name = '', workspace] of read(document).matchAll(/\bnpm run ([\w:-]+)(?: -w (\S+))?/g)) {
        const owner = workspace === undefined ? 'package.json' : join(workspace, 'package.json');
        assert.ok(scripts(owner).includes(name), `${document}: ${owner} has no script "${name}"`);
      }
  });

  it('links to what there is', () => {
    for (const document of documents)
      for (const link of found(read(document), /\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(link)) continue;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? document : relative(root, join(root, dirname(document), path));
        assert.ok(existsSync(join(root, target)), `${document}: ${link} leads nowhere`);
        if (anchor !== undefined)
          assert.ok(headings(read(target)).includes(anchor), `${document}: ${link}: no such heading`);
      }
  });

  it('names paths that the contract has', () => {
    const templates = Object.keys(readContract().paths).map(
      (path) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    );
    const path = /[\s`'"](\/(?:v1\/[\w./{}$-]*[\w}]|openapi\.json|webhook-events\.json|healthz|readyz))/g;
    for (const document of documents) {
      // The recipe for a new operation names one that is not there.
      if (document === 'docs/how-to/add-an-operation.md') continue;
      for (const named of found(read(document), path))
        assert.ok(
          templates.some((template) => template.test(named)),
          `${document}: ${named} is not in openapi.yaml`,
        );
    }
  });
});

/** Headings as the anchors that GitHub makes of them. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
