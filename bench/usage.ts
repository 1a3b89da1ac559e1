import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far; null everywhere where the system does not tell (no /proc). */
export interface Usage {
  cpuSeconds: number;
  /** Resident memory now, and the most it has been. */
  residentMb: number;
  peakMb: number;
}

/** CPU and memory of a process, or null where there is no /proc. */
export function usageOf(pid: number): Usage | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
    const { ticks } = readStat(pid);
    return { cpuSeconds: ticks / 100, residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
  } catch {
    return null;
  }
}

/** CPU seconds of a process and all that it started, those that ended included: PostgreSQL is a family of processes. */
export function familyCpuSeconds(pid: number): number | null {
  try {
    let ticks = 0;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = readStat(Number(name));
      if (Number(name) === pid) ticks += stat.ticks + stat.endedTicks;
      else if (stat.parent === pid) ticks += stat.ticks;
    }
    return ticks / 100;
  } catch {
    return null;
  }
}

/** The process that started this one, or null where there is no /proc. */
export function parentOf(pid: number): number | null {
  try {
    return readStat(pid).parent;
  } catch {
    return null;
  }
}

/** Watches the resident memory of a process; call the result for the highest seen, in MB. */
export function watchMemory(pid: number): () => number {
  let highest = 0;
  const look = (): void => {
    highest = Math.max(highest, usageOf(pid)?.residentMb ?? Number.NaN);
  };
  look();
  const timer = setInterval(look, 200);
  return () => {
    look();
    clearInterval(timer);
    return highest;
  };
}

/** Ticks are hundredths of a second (USER_HZ is 100 on every Linux that matters here). See proc_pid_stat(5). */
function readStat(pid: number): { ticks: number; endedTicks: number; parent: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may hold spaces and brackets. Fields from `state` on.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const sum = (...indexes: number[]): number => indexes.reduce((total, index) => total + (fields[index] ?? 0), 0);
  return { ticks: sum(11, 12), endedTicks: sum(13, 14), parent: fields[1] ?? 0 };
}
