import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeySource } from './key-source.ts';
import type { MasterKey } from './master-key.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** `v1.<key id>.<base64url of nonce, tag and sealed text>` */
const SEALED = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;
/** How often a missing key is looked for, in milliseconds. */
const LOOK_AGAIN_MS = 1000;

/** A sealed text cannot be opened: its key is not here, or it was changed, or moved to another place. */
export class SealBroken extends Error {
  constructor(place: string, why: string) {
    super(`the sealed ${place} cannot be opened: ${why}`);
    this.name = 'SealBroken';
  }
}

/**
 * Seals what must not be readable in the database: AES-256-GCM with a random nonce, under the current master key. A text opens
 * in the place only that it was sealed for, so that rows cannot be given each other's secrets.
 */
export class Vault {
  readonly #source: KeySource;
  #keys: ReadonlyMap<string, MasterKey> = new Map();
  #current: MasterKey;
  #readAt = Number.NEGATIVE_INFINITY;

  /** @throws Error when the keys cannot be read. */
  constructor(source: KeySource) {
    this.#source = source;
    this.#current = this.#read();
  }

  /** Which key seals now. */
  get currentKeyId(): string {
    return this.#current.id;
  }

  /** What to name in messages about the keys. */
  get keysAt(): string {
    return this.#source.name;
  }

  /**
   * Seals a text.
   * @param place what it belongs to, such as `endpoint secret, team, id`: part of what is authenticated
   */
  seal(text: string, place: string): string {
    const { id, key } = this.#current;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce);
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `v1.${id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /**
   * Opens a sealed text. One that never was sealed, from a database of before there was a vault, is handed back as it is.
   * @throws SealBroken
   */
  open(text: string, place: string): string {
    const [, id, body] = SEALED.exec(text) ?? [];
    if (id === undefined || body === undefined) return text;
    const key = this.#find(id);
    if (key === undefined) throw new SealBroken(place, `${this.keysAt} does not hold the key ${id}`);
    const bytes = Buffer.from(body, 'base64url');
    const decipher = createDecipheriv(CIPHER, key.key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new SealBroken(place, 'it was changed, or it belongs to another place');
    }
  }

  /** Whether a text is sealed under the current key. */
  isCurrent(text: string): boolean {
    return SEALED.exec(text)?.[1] === this.#current.id;
  }

  /** Takes a new key where this server may make one, else reads again what its operator set. */
  renew(): void {
    this.#source.renew?.();
    this.#current = this.#read();
  }

  /** The key of that name; another process may have made it a moment ago. */
  #find(id: string): MasterKey | undefined {
    if (!this.#keys.has(id) && performance.now() - this.#readAt > LOOK_AGAIN_MS) this.#current = this.#read();
    return this.#keys.get(id);
  }

  #read(): MasterKey {
    const keys = this.#source.read();
    const [current] = keys;
    if (current === undefined) throw new Error(`${this.#source.name} holds no key`);
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#readAt = performance.now();
    return current;
  }
}
