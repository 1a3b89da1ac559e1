import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Probe } from '../measure.ts';
import type { BenchStore } from '../store.ts';
import { monotonicMs } from '../wire/monotonic.ts';
import { AREAS } from './areas.ts';
import { type Times, timesBetween } from './cpu-profile.ts';
import { type Thread, threadsOf } from './threads.ts';

/** Profiles servers: `flags` make one write its profiles when it ends, `probe` marks the measured time. */
export interface Profiler {
  flags: string[];
  probe: Probe;
  /** What the last server's measured time was spent on, as Markdown, once it has ended. The profiles stay for a closer look. */
  report(): string;
}

interface Moment {
  pid: number;
  at: number;
  threads: Thread[];
}

/**
 * Makes a profiler. A profile samples what a thread is at, whether or not it has a core, and a thread that waits for the
 * disk inside SQLite counts as busy; so the times are scaled to the CPU time that the system says the thread has used.
 */
export function createProfiler(engine: BenchStore['engine']): Profiler {
  const folder = mkdtempSync(join(tmpdir(), 'hookloom-profile-'));
  let begin: Moment = { pid: 0, at: 0, threads: [] };
  let end: Moment = begin;
  let deliveries = 0;
  const now = (pid: number): Moment => ({ pid, at: monotonicMs(), threads: threadsOf(pid) });
  return {
    flags: ['--cpu-prof', `--cpu-prof-dir=${folder}`],
    probe: {
      begin(pid) {
        begin = now(pid);
      },
      end(pid, count) {
        end = now(pid);
        deliveries = count;
      },
    },
    report() {
      const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
      // CPU.<date>.<time>.<process>.<thread>.<sequence>.cpuprofile; thread 0 is the main one, others count up from 1.
      const ofThread = (thread: number) => files.find((file) => file.includes(`.${end.pid}.${thread}.`));
      const workers = end.threads.filter(({ name }) => name === 'WorkerThread');
      const profiled = [end.threads[0], ...workers].flatMap((thread, index) => {
        const file = ofThread(index);
        if (thread === undefined || file === undefined) return [];
        const times = timesBetween(join(folder, file), begin.at, end.at);
        return [{ name: NAMES[engine][index] ?? `thread ${index}`, times, ...usedBy(thread, begin) }];
      });
      const profiledIds = new Set([end.threads[0], ...workers].map((thread) => thread?.id));
      const others = end.threads.filter(({ id, name }) => !profiledIds.has(id) && !name.startsWith('v8:ProfEvnt'));
      const othersUs = others.reduce((sum, thread) => sum + usedBy(thread, begin).cpuSeconds, 0) * 1e6;
      const table = asMarkdown(profiled, othersUs, deliveries, end.at - begin.at);
      return `${table}\n\nThe profiles are in ${folder}, of process ${end.pid}; Chrome's and VS Code's tools open them.`;
    },
  };
}

/** The order in which the server starts its threads. */
const NAMES: Record<BenchStore['engine'], string[]> = {
  sqlite: ['main', 'writing', 'checkpoints', 'sending'],
  postgres: ['main', 'sending'],
};

interface Profiled {
  name: string;
  times: Times;
  cpuSeconds: number;
  waitedSeconds: number;
}

function usedBy({ id, cpuSeconds, waitedSeconds }: Thread, since: Moment) {
  const before = since.threads.find((thread) => thread.id === id);
  return {
    cpuSeconds: cpuSeconds - (before?.cpuSeconds ?? 0),
    waitedSeconds: waitedSeconds - (before?.waitedSeconds ?? 0),
  };
}

function asMarkdown(threads: Profiled[], othersUs: number, deliveries: number, ms: number): string {
  const each = (microseconds: number): string => (microseconds / deliveries).toFixed(1);
  const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
  const columns = threads.map(({ times, cpuSeconds }) => {
    const sampledMs = Object.values(times).reduce((sum, time) => sum + time, 0);
    return { times, toCpu: sampledMs === 0 ? 0 : (cpuSeconds * 1000) / sampledMs };
  });
  return [
    `${deliveries.toLocaleString('en')} deliveries in ${(ms / 1000).toFixed(1)} s; CPU microseconds a delivery:`,
    '',
    row('area', ...threads.map(({ name }) => name)),
    row('---', ...threads.map(() => '---')),
    ...AREAS.map((area) => row(area, ...columns.map(({ times, toCpu }) => each((times[area] ?? 0) * 1000 * toCpu)))),
    row('all of the thread', ...threads.map(({ cpuSeconds }) => each(cpuSeconds * 1e6))),
    row('ready, but without a core', ...threads.map(({ waitedSeconds }) => each(waitedSeconds * 1e6))),
    row('CPU per sampled time', ...columns.map(({ toCpu }) => toCpu.toFixed(2))),
    '',
    `V8's helpers (compiler, garbage collector) and libuv's threads: ${each(othersUs)}. The profiler's own threads are left out.`,
  ].join('\n');
}
