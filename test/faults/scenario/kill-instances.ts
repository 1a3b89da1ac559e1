import assert from 'node:assert/strict';
import { LEASE_MS } from '../../../server/delivery/worker.ts';
import { freePort } from '../../support/postgres-server.ts';
import type { Program } from '../../support/program.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { IN_FLIGHT } from './kill-sqlite.ts';

const INSTANCES = 3;
const EVERY_MS = 1000;
const BACK_MS = LEASE_MS + 5000;

/** Three instances share a database; every second one of them is killed, and comes back. */
export const killInstances: Scenario = {
  number: 3,
  fault: '3 instances, one killed every second',
  passes: '0 lost; back within lease + 5 s',
  stores: ['PostgreSQL'],
  async play({ stage, scale }) {
    const kills = scale === 'full' ? 20 : 4;
    const ports = await Promise.all(Array.from({ length: INSTANCES }, freePort));
    const instances = ports.map((port) => ({ port, program: stage.start({ port }) }));
    const programs = await Promise.all(instances.map(({ program }) => program));
    const [one] = programs as [Program];
    for (const path of ['/ok/a', '/ok/b', '/delay-20/c', '/gone-100/d']) await stage.watch(one, path);
    const publishing = await stage.publish(
      programs.map(({ url }) => url),
      { perSecond: 80 },
    );
    for (let kill = 0; kill < kills; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      const instance = instances[kill % INSTANCES];
      assert.ok(instance);
      await stage.kill(await instance.program);
      instance.program = stage.start({ port: instance.port });
    }
    const killedAt = Date.now();
    publishing.stop();
    await publishing.done;
    const survivor = await lastOf(instances);
    await stage.settle(survivor, BACK_MS);
    const back = Date.now() - killedAt;
    assert.ok(back <= BACK_MS, `everything had settled ${back} ms after the last kill`);
    const { answered, unanswered, again } = await stage.verdict(survivor);
    assert.ok(again <= kills * IN_FLIGHT, `${again} repeats after ${kills} kills`);
    return `${kills} kills, ${answered} events answered and ${unanswered} not, 0 lost, ${again} repeated, back after ${back} ms`;
  },
};

async function lastOf(instances: readonly { program: ReturnType<Stage['start']> }[]): Promise<Program> {
  const programs = await Promise.all(instances.map(({ program }) => program));
  const last = programs.at(-1);
  assert.ok(last);
  return last;
}
