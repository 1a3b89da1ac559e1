import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Area, areaOf, type Frame } from './areas.ts';

/** What V8 writes; times are microseconds of the monotonic clock. */
interface CpuProfile {
  nodes: ProfileNode[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

interface ProfileNode {
  id: number;
  callFrame: Frame & { lineNumber: number };
  children?: number[];
  /** How often each line (from 1 on) was met in this node's own time. */
  positionTicks?: { line: number; ticks: number }[];
}

/** Milliseconds of a window by area, without those in which the thread was idle. */
export type Times = Partial<Record<Area, number>>;

const JSON_CALL = /\bJSON\.(parse|stringify)\(/;

/** Reads a profile and sums up what lies between two moments, in milliseconds of the monotonic clock. */
export function timesBetween(path: string, from: number, to: number): Times {
  const profile = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile;
  const own = ownTimes(profile, from * 1000, to * 1000);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const lines = sourceLines();
  const times: Times = {};
  const add = (area: Area, microseconds: number): void => {
    times[area] = (times[area] ?? 0) + microseconds / 1000;
  };
  for (const [id, microseconds] of own) {
    const stack: Frame[] = [];
    for (let at = nodes.get(id); at !== undefined; at = nodes.get(parents.get(at.id) ?? -1)) stack.push(at.callFrame);
    const node = nodes.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') continue;
    // Built-in functions have no frames: their time is their caller's, and its line tells them.
    const inJson = microseconds * shareOfJson(node, lines);
    add('JSON', inJson);
    add(areaOf(stack), microseconds - inJson);
  }
  return times;
}

/** Microseconds that each node was on top of the stack within the window. */
function ownTimes({ startTime, samples, timeDeltas }: CpuProfile, from: number, to: number): Map<number, number> {
  const own = new Map<number, number>();
  let at = startTime;
  samples.forEach((id, index) => {
    const delta = timeDeltas[index] ?? 0;
    at += delta;
    if (at >= from && at <= to) own.set(id, (own.get(id) ?? 0) + delta);
  });
  return own;
}

function shareOfJson({ callFrame, positionTicks = [] }: ProfileNode, lines: (url: string) => string[]): number {
  let all = 0;
  let json = 0;
  for (const { line, ticks } of positionTicks) {
    all += ticks;
    if (JSON_CALL.test(lines(callFrame.url)[line - 1] ?? '')) json += ticks;
  }
  return all === 0 ? 0 : json / all;
}

/** Looks source files up, each read once; nothing for Node's own. */
function sourceLines(): (url: string) => string[] {
  const known = new Map<string, string[]>();
  return (url) => {
    if (!url.startsWith('file:')) return [];
    let lines = known.get(url);
    if (lines === undefined) {
      lines = readFileSync(fileURLToPath(url), 'utf8').split('\n');
      known.set(url, lines);
    }
    return lines;
  };
}
