import type { Authentication, Bundle, ZObject } from 'zapier-platform-core';
import { baseUrl } from './base-url.ts';
import { isObject } from './resolve-schema.ts';

/** The account that a token acts for; its name is the label of the connection. */
export interface Account {
  id: string;
  name: string;
}

/** A token and the address of the server that it is for, since everyone runs a server of their own. */
export const authentication: Authentication = {
  type: 'custom',
  fields: [
    {
      key: 'base_url',
      label: 'Server URL',
      type: 'string',
      required: true,
      isNoSecret: true,
      placeholder: 'https://hooks.example.com',
      helpText: 'The address of your server.',
    },
    {
      key: 'token',
      label: 'API Token',
      type: 'password',
      required: true,
      helpText: 'A token of your team, which begins with `hkl_`.',
    },
  ],
  test: readAccount,
  connectionLabel: async (_z: ZObject, bundle: Bundle<{ name?: string }>) => bundle.inputData.name ?? '',
};

/** Reads the team that the token acts for. */
async function readAccount(z: ZObject, bundle: Bundle): Promise<Account> {
  const url = baseUrl(z, bundle);
  const response = await z.request<unknown>(`${url}/v1/teams/current`);
  const team = isObject(response.data) ? response.data.data : undefined;
  if (!isObject(team) || typeof team.id !== 'string' || typeof team.name !== 'string')
    throw new z.errors.Error(
      `${url} answers, but not as this app's server does. Check the server URL.`,
      'NotTheServer',
    );
  return { id: team.id, name: team.name };
}
