import type { CatalogFault } from './types.ts';

/** One fault as a line: file, event type, JSON pointer, what is wrong. */
export function faultLine({ file, event, pointer, message }: CatalogFault): string {
  return [file, event ?? '(document)', pointer || '/', message].join(': ');
}

/** A catalog that cannot be used. Its message lists every fault, one a line. */
export class CatalogError extends Error {
  readonly faults: readonly CatalogFault[];

  constructor(faults: readonly CatalogFault[]) {
    super(faults.map(faultLine).join('\n'));
    this.name = 'CatalogError';
    this.faults = faults;
  }
}
