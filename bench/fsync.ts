import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds that a 4 KB write takes to be on the disk of `folder`, 200 times. */
export function fsyncTimes(folder: string): number[] {
  const path = join(folder, `hookloom-fsync-${process.pid}`);
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096);
  const times: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const beginning = performance.now();
    writeSync(file, block, 0, block.length, index * block.length);
    fdatasyncSync(file);
    times.push(performance.now() - beginning);
  }
  closeSync(file);
  rmSync(path);
  return times;
}
