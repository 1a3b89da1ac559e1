import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaOf } from '../../../bench/profile/areas.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });

test('the innermost frame that stands for itself decides, native functions count to their callers', () => {
  const write = [frame('writev'), frame('_writeGeneric', 'node:net')];
  assert.equal(
    areaOf([...write, frame('writeH1', 'file:///x/node_modules/undici/lib/dispatcher/client-h1.js')]),
    'HTTP out',
  );
  assert.equal(areaOf([...write, frame('end', 'node:_http_outgoing')]), 'HTTP in');
  assert.equal(areaOf([frame('next', 'file:///x/node_modules/router/index.js')]), 'HTTP in');
  assert.equal(
    areaOf([
      frame('Hmac', 'node:internal/crypto/hash'),
      frame('headers', 'file:///x/server/delivery/dialect/standard.ts'),
    ]),
    'sign',
  );
  assert.equal(areaOf([frame('validate53'), frame('publish', 'file:///x/server/publish/publish.ts')]), 'validation');
  assert.equal(areaOf([frame('', 'file:///x/server/storage/sqlite-statements.ts')]), 'SQL and commit');
  assert.equal(
    areaOf([frame('postMessage'), frame('flush', 'file:///x/server/storage/sqlite-writer.ts')]),
    'messages between threads',
  );
  assert.equal(areaOf([frame('#pump', 'file:///x/server/delivery/dispatch.ts')]), 'publish and delivery');
  assert.equal(areaOf([frame('(garbage collector)')]), 'garbage collection');
  assert.equal(areaOf([frame('(program)')]), 'event loop, sockets, other');
});
