import { isJsonObject } from './json-object.ts';
import type { CatalogFault } from './types.ts';

/** The faults found so far in one file, and what they leave standing for the checks that follow. */
export class Findings {
  readonly faults: CatalogFault[] = [];
  readonly #file: string;
  readonly #document: unknown;
  readonly #pointers = new Set<string>();

  constructor(file: string, document: unknown) {
    this.#file = file;
    this.#document = document;
  }

  add(pointer: string, message: string): void {
    this.faults.push({ file: this.#file, event: this.#eventAt(pointer), pointer, message });
    this.#pointers.add(pointer);
  }

  /** Whether no fault was found at this place, around it or inside it, so that a check may rely on its form. */
  sound(pointer: string): boolean {
    for (const at of this.#pointers) {
      if (at === pointer || at === '' || at.startsWith(`${pointer}/`) || pointer.startsWith(`${at}/`)) return false;
    }
    return true;
  }

  #eventAt(pointer: string): string | null {
    const index = /^\/events\/(\d+)/.exec(pointer)?.[1];
    if (index === undefined || !isJsonObject(this.#document) || !Array.isArray(this.#document.events)) return null;
    const entry: unknown = this.#document.events[Number(index)];
    return isJsonObject(entry) && typeof entry.name === 'string' ? entry.name : `#${index}`;
  }
}
