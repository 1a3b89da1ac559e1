import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Connection, postBytes } from '../../../bench/wire/connection.ts';
import { receive } from '../../../bench/wire/receive.ts';
import { until } from '../../support/until.ts';

test('the receiver finds every request, however its bytes are cut', async (t) => {
  const paths: string[] = [];
  const { url, close } = await receive((head, answer) => {
    paths.push(head.toString('latin1').split(' ')[1] ?? '');
    answer();
  });
  t.after(close);
  const bytes = Buffer.concat(['/a', '/b', '/c'].map((path) => postBytes(url, path, 'token', '{"x":"\r\n\r\n"}')));
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.setNoDelay(true);
  socket.resume();
  for (let cut = 1; cut < bytes.length; cut += 7) {
    const before = paths.length;
    socket.write(bytes.subarray(0, cut));
    await new Promise(setImmediate);
    socket.write(bytes.subarray(cut));
    await until(() => paths.length === before + 3, `three requests cut at byte ${cut}`);
    assert.deepEqual(paths.slice(before), ['/a', '/b', '/c']);
  }
});

test('a connection of the load reads a reply in pieces and sends the next request', async (t) => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(202, { 'content-length': 10 });
      response.write('01234');
      setImmediate(() => response.end('56789'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const connection = new Connection(url, 7);
  t.after(() => connection.close());
  for (let round = 0; round < 3; round += 1) {
    const reply = await new Promise((resolve) => connection.post(postBytes(url, '/', 'token', '{}'), resolve));
    assert.deepEqual(reply, { status: 202, body: '0123456' });
  }
});
