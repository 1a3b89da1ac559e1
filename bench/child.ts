import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process of the bench. */
export interface Child {
  /** The next message of the process that has this member. */
  next<T extends object>(member: keyof T & string): Promise<T>;
  send(message: object): void;
  pid: number;
  stop(): void;
}

/** Starts a module of this folder in a process of its own. */
export function startChild(module: string): Child {
  const child: ChildProcess = fork(new URL(module, import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  child.on('exit', (code) => {
    if (code) throw new Error(`${module} ended with ${code}`);
  });
  return {
    next: <T extends object>(member: keyof T & string) =>
      new Promise<T>((resolve) => {
        const listen = (message: unknown): void => {
          if (typeof message !== 'object' || message === null || !(member in message)) return;
          child.off('message', listen);
          resolve(message as T);
        };
        child.on('message', listen);
      }),
    send: (message) => child.send(message),
    pid: child.pid ?? 0,
    stop: () => child.disconnect(),
  };
}

/** CPU seconds used so far and peak memory in MB of a process; null where the system does not tell (no /proc). */
export function usageOf(pid: number): { cpuSeconds: number; peakMb: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { cpuSeconds: ticks / 100, peakMb: Number(peak) / 1024 };
  } catch {
    return null;
  }
}
