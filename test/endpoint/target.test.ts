import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EgressPolicy } from '../../server/egress/egress-policy.ts';
import { readEgressSettings } from '../../server/egress/egress-settings.ts';
import { checkTarget } from '../../server/endpoint/target.ts';
import { Problem } from '../../server/problem.ts';

const open = readEgressSettings({ HOOKLOOM_PUBLIC_URL: 'https://hooks.example.org/' }, false, []).policy;
const trial = readEgressSettings({}, true, []).policy;
const opened = readEgressSettings(
  { HOOKLOOM_ALLOW_TARGETS: '10.0.0.0/8', HOOKLOOM_ALLOW_HTTP: 'true', HOOKLOOM_ALLOW_PORTS: '9000' },
  false,
  [],
).policy;

function codeOf(url: string, policy: EgressPolicy): string | null {
  try {
    checkTarget(url, policy);
    return null;
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.equal(error.status, 422);
    return error.code;
  }
}

test('https URLs with a public name or address are targets', () => {
  for (const url of [
    'https://example.net/hooks/1?a=b#c',
    'https://example.net:8443/',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  ])
    assert.equal(codeOf(url, open), null, url);
});

test('target_refused: private, loopback, link-local and reserved addresses, in whatever notation', () => {
  for (const host of [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:a00:1]',
    '[::10.0.0.1]',
    '[64:ff9b::a00:1]',
    '[fd00::1]',
    '[fe80::1]',
    '[ff02::1]',
    '[2002:a00:1::]',
    'localhost',
    'LOCALHOST.',
    'app.localhost',
    'printer.local',
    'metadata.google.internal',
    'metadata.google.internal.',
    'printer.local.',
    'intranet',
    'com.',
    '168.63.129.16',
    '[::ffff:8.8.8.8]',
    'hooks.example.org',
    'HOOKS.example.org.',
  ])
    assert.equal(codeOf(`https://${host}/`, open), 'target_refused', host);
});

test('target_refused: schemes other than https', () => {
  for (const url of [
    'http://example.net/',
    'ftp://example.net/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:,x',
  ])
    assert.equal(codeOf(url, open), 'target_refused', url);
});

test('http and loopback are targets while the server listens on loopback only; private addresses still are not', () => {
  for (const url of ['http://127.0.0.1:9000/', 'http://localhost:9000/', 'https://[::1]/', 'https://example.net/'])
    assert.equal(codeOf(url, trial), null, url);
  for (const url of [
    'http://example.net/',
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'ftp://127.0.0.1/',
    'https://[fd00::1]/',
  ])
    assert.equal(codeOf(url, trial), 'target_refused', url);
});

test('target_invalid: what is no usable URL', () => {
  for (const url of [
    '',
    'example.net/hook',
    '/hook',
    'https://',
    'https://user:password@example.net/',
    'https://user@example.net/',
    'https://@example.net/',
    'https:\\\\user@example.net/',
    'https://exa mple.net/',
    'https://example.net/\r\nX: y',
    'https://example.net/\tx',
    ' https://example.net/',
    `https://example.net/${'x'.repeat(2048)}`,
  ])
    assert.equal(codeOf(url, open), 'target_invalid', url);
});

test('target_refused: ports that are not of the web', () => {
  for (const port of [80, 443, 8080, 8443])
    assert.equal(codeOf(`https://example.net:${port}/`, open), null, String(port));
  for (const port of [22, 25, 6379, 9000]) assert.equal(codeOf(`https://example.net:${port}/`, open), 'target_refused');
});

test('what the operator opened is a target: http, more ports, and of a private range any port', () => {
  for (const url of ['http://example.net/', 'http://example.net:9000/', 'http://10.1.2.3:5000/'])
    assert.equal(codeOf(url, opened), null, url);
  for (const url of ['http://example.net:9001/', 'http://192.168.0.1/', 'http://127.0.0.1/'])
    assert.equal(codeOf(url, opened), 'target_refused', url);
});
