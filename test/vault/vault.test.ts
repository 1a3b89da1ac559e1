import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentKeys } from '../../server/vault/key-source.ts';
import { newMasterKey, parseMasterKey } from '../../server/vault/master-key.ts';
import { SealBroken, Vault } from '../../server/vault/vault.ts';

const key = newMasterKey();
const vault = new Vault(environmentKeys([key]));

test('a sealed text opens in its own place, and no two seals of it look alike', () => {
  const sealed = vault.seal('s3cret é', 'here');
  assert.match(sealed, new RegExp(`^v1\\.${key.id}\\.[\\w-]+$`));
  assert.notEqual(sealed, vault.seal('s3cret é', 'here'));
  assert.equal(vault.open(sealed, 'here'), 's3cret é');
  assert.throws(() => vault.open(sealed, 'there'), SealBroken);
});

test('no changed character goes unnoticed', () => {
  const sealed = vault.seal('s3cret', 'here');
  const start = sealed.lastIndexOf('.') + 1;
  for (let at = start; at < sealed.length - 1; at += 1) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
    assert.throws(() => vault.open(changed, 'here'), SealBroken, `at ${at - start}`);
  }
});

test('a text under a key that is not here says which key is missing', () => {
  const other = newMasterKey();
  const sealed = new Vault(environmentKeys([other])).seal('s3cret', 'here');
  assert.throws(() => vault.open(sealed, 'here'), new RegExp(`does not hold the key ${other.id}`));
  assert.equal(new Vault(environmentKeys([key, other])).open(sealed, 'here'), 's3cret');
});

test('a master key is 32 bytes in hex or base64; anything else is refused without being repeated', () => {
  const base64 = Buffer.alloc(32, 7).toString('base64');
  assert.equal(parseMasterKey(base64).id, parseMasterKey(Buffer.alloc(32, 7).toString('hex')).id);
  for (const text of ['', 'short', base64.slice(2), `${base64}AA`, 'g'.repeat(64), `${'A'.repeat(42)}!`])
    assert.throws(
      () => parseMasterKey(text),
      (error: Error) => /openssl rand -base64 32/.test(error.message) && (text === '' || !error.message.includes(text)),
      text,
    );
});
