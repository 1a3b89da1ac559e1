import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Costs, plan } from '../../bench/simulation.ts';

const costs: Costs = {
  cpuPerEventUs: 200,
  cpuPerDeliveryUs: 100,
  fsyncMs: 0.25,
  diskPerEvent: 3500,
  databaseCpuPerEventUs: 150,
  databaseCpuPerDeliveryUs: 100,
  databaseCores: 16,
  utilisation: 0.6,
  diskBytesPerSecond: 500e6,
  writeAmplification: 4,
  deliveriesPerEvent: 1,
  receiverMs: 100,
  connectionsPerProcess: 13,
  attemptsPerLane: 10,
  itemsPerCommit: 256,
  commitsUnderWay: 2,
  prunedPerSecond: 3000,
  retentionDays: 30,
};

test('the simulation says what docs/scaling.md quotes', () => {
  const said = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'bench/simulate.ts'], {
    encoding: 'utf8',
  });
  assert.equal(said.trim().split('\n').length, 6);
  assert.ok(readFileSync('docs/scaling.md', 'utf8').includes(said.trim()), `docs/scaling.md lacks:\n${said}`);
});

test('a greater load never needs less of anything', () => {
  const rates = Array.from({ length: 60 }, (_, index) => Math.round(100 * 1.2 ** index));
  const plans = rates.map((rate) => plan(rate, costs));
  for (const [index, more] of plans.entries()) {
    const less = plans[index - 1];
    if (less === undefined) continue;
    for (const part of ['shards', 'connections', 'diskPerDay', 'diskKept', 'leastEndpoints'] as const)
      assert.ok(more[part] >= less[part], `${part} falls from ${less.rate} to ${more.rate} deliveries a second`);
    assert.ok(more.api + more.workers >= less.api + less.workers, `processes fall at ${more.rate}`);
  }
});

test('a dearer cost never needs less', () => {
  const cheap = plan(50_000, costs);
  const dear = plan(50_000, { ...costs, cpuPerEventUs: 400, databaseCpuPerEventUs: 600, diskPerEvent: 7000 });
  assert.ok(dear.api > cheap.api && dear.shards > cheap.shards && dear.diskPerDay > cheap.diskPerDay);
});
