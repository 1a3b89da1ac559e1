import fc from 'fast-check';
import {
  type Contract,
  type ContractOperation,
  type ParameterObject,
  resolve,
  type SchemaObject,
} from '../../server/http/contract.ts';
import { hostileText, hostileValue, STAND_INS, spoilt, valuesOf } from './values.ts';

/** A request before its stand-ins are replaced. */
export interface FuzzRequest {
  operation: string;
  method: string;
  /** Path and query, percent-encoded. */
  target: string;
  /** As they are written, one byte for each character. */
  headers: [string, string][];
  /** As text in UTF-8; `bytes` are written one for each character. */
  body: { text: string } | { bytes: string } | null;
}

/** Requests of every operation: valid ones, nearly valid ones, hostile ones. */
export function requests(contract: Contract, operations: ContractOperation[]): fc.Arbitrary<FuzzRequest> {
  return fc.oneof(
    ...operations.map((operation) => ({
      // There is more to get wrong in a body.
      weight: operation.object.requestBody === undefined ? 1 : 4,
      arbitrary: requestsOf(contract, operation),
    })),
  );
}

function requestsOf(contract: Contract, operation: ContractOperation): fc.Arbitrary<FuzzRequest> {
  const { id, method, path, object } = operation;
  const parameters = (object.parameters ?? []).map((one) => resolve<ParameterObject>(contract, one, '#').object);
  const schema = object.requestBody?.content['application/json'].schema;
  return fc
    .record({
      method: mostly(
        fc.constant(method.toUpperCase()),
        fc.constantFrom('PUT', 'HEAD', 'OPTIONS', 'TRACE', 'PURGE', 'get'),
      ),
      path: paths(path, parameters),
      query: queries(contract, parameters),
      headers: headers(schema !== undefined),
      body: schema === undefined ? mostly(fc.constant(null), rawBodies('{}')) : bodies(contract, schema),
    })
    .map(({ path, query, ...rest }) => ({ operation: id, target: path + query, ...rest }));
}

/** The odd one once in so many times. */
function mostly<T, U>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<U>, oneIn = 20): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

function paths(path: string, parameters: ParameterObject[]): fc.Arbitrary<string> {
  const names = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
  const one = (name: string) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...standInsFor(name, path)) },
      { weight: 2, arbitrary: fc.constantFrom(...STAND_INS) },
      { weight: 2, arbitrary: hostileText.map(encode) },
      { weight: 1, arbitrary: fc.constantFrom('.', '..', '%2e%2e%2f', '%', '%zz', '%c0%af', 'a%2Fb', '*') },
    );
  const filled = fc
    .tuple(...names.map(one))
    .map((values) => names.reduce((at, name, index) => at.replace(`{${name}}`, values[index] ?? ''), path));
  return mostly(
    filled,
    fc.tuple(filled, fc.constantFrom('/', '//', '/x', ';a=b', '%00')).map(([at, end]) => at + end),
  );
}

/** What a path's parameter is meant for. */
function standInsFor(name: string, path: string): string[] {
  if (name === 'name') return ['member.joined', 'test.ping'];
  const [, kind = ''] = (name === 'replay_id' ? '/replays' : path).match(/\/(?:webhook-)?(\w+?)s\b/) ?? [];
  const word = kind === 'subscription' ? 'hook' : kind.replace('deliverie', 'delivery');
  return STAND_INS.filter((one) => one.includes(`.${word}»`));
}

function queries(contract: Contract, parameters: ParameterObject[]): fc.Arbitrary<string> {
  const known = parameters.filter((one) => one.in === 'query');
  const pairs = known.map(({ name, schema, content }) => {
    const json = content?.['application/json'].schema;
    // Nobody waits for half a minute here.
    if (name === 'wait') return fc.constantFrom('0', '1', '-1', '31', 'x').map((value) => `${name}=${value}`);
    const valid = valuesOf(contract, json ?? schema ?? {}, name).map((value) =>
      json === undefined ? String(value) : JSON.stringify(value),
    );
    return fc.oneof({ weight: 4, arbitrary: valid }, hostileText).map((value) => `${name}=${encode(value)}`);
  });
  const unknown = fc.tuple(hostileText, hostileText).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const list = fc.tuple(
    fc.tuple(...pairs.map((pair) => fc.option(pair, { freq: 1 }))),
    mostly(fc.constant(null), fc.oneof(unknown, fc.constantFrom('%', '&&==', '[]=1', 'limit[]=1'), ...pairs)),
  );
  return list.map(([given, more]) => {
    const all = [...given, more].filter((one) => one !== null);
    return all.length === 0 ? '' : `?${all.join('&')}`;
  });
}

function headers(hasBody: boolean): fc.Arbitrary<[string, string][]> {
  const pair = (name: string, usual: string | null, ...odd: string[]): fc.Arbitrary<[string, string] | null> =>
    mostly(fc.constant(usual), fc.constantFrom(...odd), 50).map((value) => (value === null ? null : [name, value]));
  return fc
    .tuple(
      pair('Authorization', 'Bearer «a»', 'Bearer ', 'Basic eDp5', 'Bearer hkl_live_x', 'bearer\t«a»', 'Bearer «a», x'),
      pair(
        'Content-Type',
        hasBody ? 'application/json' : null,
        'text/plain',
        'application/json; charset=utf-16',
        ';',
        '',
      ),
      pair('Idempotency-Key', null, 'key-1', 'key-2', '', 'k'.repeat(300), '\xff\xfe', 'a b'),
      pair('Team-Id', null, 'a', 'b', '', '../b', '\xe9'),
      pair('Accept', null, 'text/html', '*/*;q=x', 'application/xml'),
      pair('X-Junk', null, 'x'.repeat(20_000), '\x01', '\t', 'a\x00b'),
      pair('Content-Encoding', null, 'gzip', 'br', 'x'),
      pair('traceparent', null, '00-0-0-0', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'ff'),
      pair('Expect', null, '100-continue', 'x'),
      pair('If-None-Match', null, '*', '"x"', 'W/'),
    )
    .map((all) => all.filter((one) => one !== null));
}

function bodies(contract: Contract, schema: SchemaObject): fc.Arbitrary<FuzzRequest['body']> {
  const valid = valuesOf(contract, schema);
  const asJson = (value: unknown): FuzzRequest['body'] => ({ text: JSON.stringify(value) ?? '' });
  return fc.oneof(
    { weight: 5, arbitrary: valid.map(asJson) },
    { weight: 8, arbitrary: valid.chain(spoilt).map(asJson) },
    { weight: 2, arbitrary: hostileValue.map(asJson) },
    { weight: 2, arbitrary: valid.chain((value) => rawBodies(JSON.stringify(value) ?? '{}')) },
  );
}

/** Bodies that are no JSON, or hardly. */
function rawBodies(json: string): fc.Arbitrary<FuzzRequest['body']> {
  const texts = [
    '',
    ' ',
    'null',
    '[]',
    '"text"',
    'NaN',
    '1e999',
    '{"a":1,"a":2}',
    `\ufeff${json}`,
    `${json}${json}`,
    json.slice(0, json.length >> 1),
    json.replace('{', '{"__proto__":{"polluted":true},'),
    json.replaceAll('"', "'"),
    `${'['.repeat(50_000)}`,
    `{"x":"${'x'.repeat(1_100_000)}"}`,
  ];
  return fc.oneof(
    fc.constantFrom(...texts).map((text) => ({ text })),
    fc
      .constantFrom('\xff\xfe{}', '\x1f\x8b\x08', '{"name":"\xc3\x28"}', '{"name":"\xed\xa0\x80"}')
      .map((bytes) => ({ bytes })),
  );
}

/** Percent-encoding that leaves stand-ins alone, and takes lone surrogates too. */
function encode(text: string): string {
  return STAND_INS.includes(text) ? text : encodeURIComponent(text.toWellFormed());
}
