/**
 * Loaded before the program: its clock is ahead of the machine's by what the file FAULT_CLOCK says, in milliseconds, and
 * moves when the file changes, as an adjusted system clock does. Timers go on as they were.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const POLL_MS = 10;
const path = process.env.FAULT_CLOCK ?? '';
const machine = Date.now;
let offset = 0;

function read(): void {
  const told = Number(readFileSync(path, 'utf8'));
  if (told === offset) return;
  offset = told;
  if (isMainThread) writeFileSync(`${path}.${process.pid}`, String(told));
}

read();
Date.now = () => machine() + offset;
setInterval(read, POLL_MS).unref();
