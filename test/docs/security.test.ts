import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/security.md', root), 'utf8');

test('each of the OWASP API Security Top 10 names tests that exist', () => {
  const rows = [...text.matchAll(/^\| API(\d+) .*$/gm)];
  assert.deepEqual(
    rows.map(([, number]) => Number(number)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  for (const [row] of rows) {
    const files = [...row.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file = '']) => file);
    assert.ok(files.length > 0, row);
    for (const file of files) assert.ok(existsSync(new URL(file, root)), file);
  }
});
