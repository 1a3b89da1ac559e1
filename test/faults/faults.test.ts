import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { play } from './play.ts';
import type { StoreName } from './scenario.ts';
import { scenarios } from './scenarios.ts';

/**
 * What can be played in seconds, on any machine; `npm run faults` plays everything. Those whose fault has little to do
 * with the store are played on one.
 */
const QUICK: readonly [number: number, ...stores: StoreName[]][] = [
  [1, 'PostgreSQL'],
  [2, 'SQLite'],
  [7, 'SQLite'],
  [10, 'SQLite'],
  [11, 'PostgreSQL'],
  [12, 'SQLite', 'PostgreSQL'],
  [13, 'SQLite', 'PostgreSQL'],
  [14, 'SQLite'],
  [15, 'PostgreSQL'],
  [16, 'SQLite', 'PostgreSQL'],
];

function playAll(chosen: readonly (typeof QUICK)[number][]): void {
  for (const [number, ...stores] of chosen) {
    const scenario = scenarios.find((one) => one.number === number);
    assert.ok(scenario);
    for (const store of stores)
      it(`${scenario.fault}, on ${store}: ${scenario.passes}`, async () => {
        const { result, says } = await play(scenario, store, 'quick');
        assert.equal(result, 'passed', says);
      });
  }
}

/** What holds a delivery's latency to a limit: other programs at its side would count against it. */
const TIMED = [7];

describe('faults, at a small scale, one by one', () => {
  playAll(QUICK.filter(([number]) => TIMED.includes(number)));
});

// Side by side: most of the time goes on starting processes and on waiting.
describe('faults, at a small scale', { concurrency: 3 }, () => {
  playAll(QUICK.filter(([number]) => !TIMED.includes(number)));
});
