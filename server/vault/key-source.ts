import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type MasterKey, newMasterKey, parseMasterKey } from './master-key.ts';

/** The master keys cannot be had; the message says why. */
export class KeysUnusable extends Error {}

/** Where the master keys are kept, the current one first. */
export interface KeySource {
  /** How it is called in messages. */
  readonly name: string;
  /** @throws Error that says what is wrong with it. */
  read(): MasterKey[];
  /** Puts a new key in front, where this server may; undefined where only its operator can. */
  renew?(): void;
}

/** Keys from the environment: only who sets it can change them. */
export function environmentKeys(keys: readonly MasterKey[]): KeySource {
  return { name: 'HOOKLOOM_MASTER_KEY', read: () => [...keys] };
}

/**
 * Keys in a file, one a line, that only its owner can read. It is made, with a first key, when it is missing; processes that
 * start together agree on one.
 */
export function fileKeys(path: string): KeySource {
  const read = (): MasterKey[] => {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/);
    const keys = lines
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => parseMasterKey(line.trim()));
    if (keys.length === 0) throw new Error('it holds no key');
    return keys;
  };
  return {
    name: path,
    read() {
      try {
        try {
          return read();
        } catch (error) {
          if (!isMissing(error)) throw error;
        }
        mkdirSync(dirname(path), { recursive: true });
        const written = write(path, [newMasterKey()]);
        // Linking, unlike renaming, leaves a file alone that another process made meanwhile.
        try {
          linkSync(written, path);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        } finally {
          rmSync(written);
        }
        return read();
      } catch (error) {
        throw new KeysUnusable(
          `the key file ${path} cannot be used: ${error instanceof Error ? error.message : error}`,
        );
      }
    },
    renew() {
      // The one before stays readable; with it, what other processes seal until they know of the new one.
      renameSync(write(path, [newMasterKey(), ...read().slice(0, 1)]), path);
    },
  };
}

/** Writes keys to a file beside `path` and answers with its name. */
function write(path: string, keys: readonly MasterKey[]): string {
  const beside = `${path}.${process.pid}.${keys[0]?.id}`;
  const lines = keys.map(({ bytes }) => bytes.toString('base64'));
  writeFileSync(
    beside,
    `# Hookloom's master keys, the current one first. Without them no stored secret can be read: keep a copy apart from the database.\n${lines.join('\n')}\n`,
    { mode: 0o600, flag: 'wx', flush: true },
  );
  return beside;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
