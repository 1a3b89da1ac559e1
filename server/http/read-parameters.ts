import type { IncomingHttpHeaders } from 'node:http';
import { fieldFaults } from '../catalog/field-faults.ts';
import type { CompiledParameters } from './compile-contract.ts';
import { parameterInvalid, parameterUnknown } from './faults.ts';

type Values = Record<string, unknown>;

/**
 * The query parameters of a URL. An empty one (`project_id=`) counts as absent: form fields left blank arrive so.
 * @throws Problem 400 `parameter_unknown` or `parameter_invalid`.
 */
export function readQuery(url: string, parameters: CompiledParameters): Values {
  const values: Values = {};
  const at = url.indexOf('?');
  if (at !== -1) {
    for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
      if (!parameters.names.includes(name)) throw parameterUnknown(name, parameters.names);
      if (value === '') continue;
      if (Object.hasOwn(values, name)) throw parameterInvalid(name, 'is given twice');
      values[name] = parameters.json.has(name) ? parseJson(name, value) : value;
    }
  }
  check(values, parameters);
  // Checked as values, handed on as the text that the contract says they are.
  for (const name of parameters.json) if (name in values) values[name] = JSON.stringify(values[name]);
  return values;
}

/** The header parameters of a request. @throws Problem 400 `parameter_invalid`. */
export function readHeaders(headers: IncomingHttpHeaders, parameters: CompiledParameters): Values {
  const values: Values = {};
  for (const name of parameters.names) {
    const value = headers[name.toLowerCase()];
    if (value !== undefined && value !== '') values[name] = value;
  }
  return check(values, parameters);
}

/** The parameters in a path, already decoded. @throws Problem 400 `parameter_invalid`. */
export function readPath(params: Readonly<Record<string, unknown>>, parameters: CompiledParameters): Values {
  return parameters.names.length === 0 ? {} : check({ ...params }, parameters);
}

function check(values: Values, parameters: CompiledParameters): Values {
  if (parameters.validate(values)) return values;
  const [fault] = fieldFaults(parameters.validate.errors ?? [], values);
  const [, name = '', ...inside] = (fault?.pointer ?? '').split('/');
  throw parameterInvalid(
    name,
    `${inside.length > 0 ? `(at /${inside.join('/')}) ` : ''}${fault?.message ?? 'is wrong'}`,
  );
}

function parseJson(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw parameterInvalid(name, 'is not JSON');
  }
}
