import { environmentKeys } from '../../server/vault/key-source.ts';
import { parseMasterKey } from '../../server/vault/master-key.ts';
import { Vault } from '../../server/vault/vault.ts';

/** The master key of tests whose servers must read what others wrote. */
export const TEST_MASTER_KEY = Buffer.alloc(32, 'hookloom').toString('base64');
export const testKeys = environmentKeys([parseMasterKey(TEST_MASTER_KEY)]);
export const testVault = new Vault(testKeys);
