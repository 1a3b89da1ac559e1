import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';

/** Modules with which a request or a connection can be made. */
const WAYS_OUT = /^(node:)?(https?|http2|net|tls|dgram)$|^undici(\/|$)|^(axios|got|node-fetch|request|superagent)$/;
/** What those modules have besides: types, and names that listen or look at text. */
const HARMLESS = new Set([
  'createServer',
  'isIP',
  'isIPv4',
  'isIPv6',
  'BlockList',
  'IncomingMessage',
  'ServerResponse',
  'STATUS_CODES',
  'getCACertificates',
]);
const GLOBALS = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);

test('no file of the server outside server/egress/ can make a request', () => {
  const files = globSync('server/**/*.{ts,js}').filter((file) => !file.startsWith('server/egress/'));
  assert.ok(files.length > 100, `${files.length} files were read`);
  assert.deepEqual(
    files.flatMap((file) => waysOut(file, readFileSync(file, 'utf8'))),
    [],
  );
});

test('each way of making one would be found', () => {
  for (const source of [
    "import { request } from 'node:http';",
    "import https from 'https';",
    "import * as net from 'node:net';",
    "import { Agent } from 'undici';",
    "import Agent from 'undici/lib/dispatcher/agent.js';",
    "const { connect } = await import('node:tls');",
    "const http = process.getBuiltinModule('node:http');",
    "const { createServer, request } = process.getBuiltinModule('node:http');",
    "const { createServer: make, ...rest } = process.getBuiltinModule('node:http');",
    "const http = createRequire(import.meta.url)('node:http');",
    "await fetch('https://example.net/');",
    "await globalThis.fetch('https://example.net/');",
    'new WebSocket(url);',
  ])
    assert.equal(waysOut('x.ts', source).length, 1, source);
  for (const source of [
    "import type { Socket } from 'node:net';",
    "import { createServer, type Server } from 'node:http';",
    "import { isIP } from 'node:net';",
    "const { createServer } = process.getBuiltinModule('node:http');",
    'const { fetch } = row;',
  ])
    assert.deepEqual(waysOut('x.ts', source), [], source);
});

function waysOut(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const add = (node: ts.Node): void => {
    found.push(
      `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText().slice(0, 80)}`,
    );
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && canGoOut(node)) add(node);
    else if (ts.isVariableDeclaration(node) && takesHarmless(node.name)) return;
    else if (
      ts.isCallExpression(node) &&
      node.arguments.some((one) => ts.isStringLiteral(one) && WAYS_OUT.test(one.text))
    )
      add(node);
    else if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && isGlobal(node.expression)) add(node);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function canGoOut(node: ts.ImportDeclaration): boolean {
  if (!ts.isStringLiteral(node.moduleSpecifier) || !WAYS_OUT.test(node.moduleSpecifier.text)) return false;
  const clause = node.importClause;
  if (clause === undefined || clause.isTypeOnly) return false;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || ts.isNamespaceImport(named)) return true;
  return named.elements.some((one) => !one.isTypeOnly && !HARMLESS.has((one.propertyName ?? one.name).text));
}

/** `const { createServer } = …`: nothing but harmless names is taken, by name. */
function takesHarmless(binding: ts.BindingName): boolean {
  return (
    ts.isObjectBindingPattern(binding) &&
    binding.elements.every(
      ({ propertyName, name, dotDotDotToken }) =>
        dotDotDotToken === undefined && HARMLESS.has((propertyName ?? name).getText()),
    )
  );
}

function isGlobal(expression: ts.Expression): boolean {
  if (ts.isIdentifier(expression)) return GLOBALS.has(expression.text);
  return (
    ts.isPropertyAccessExpression(expression) &&
    expression.expression.getText() === 'globalThis' &&
    GLOBALS.has(expression.name.text)
  );
}
