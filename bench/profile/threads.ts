import { readdirSync, readFileSync } from 'node:fs';

/** A thread of a process, as the system sees it. */
export interface Thread {
  id: number;
  /** As its maker named it: `MainThread`, `WorkerThread`, `V8Worker`, … */
  name: string;
  /** On a core, and ready but without one. */
  cpuSeconds: number;
  waitedSeconds: number;
}

/** The threads of a process, in the order in which they were made. @throws where there is no /proc. */
export function threadsOf(pid: number): Thread[] {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => {
      const folder = `/proc/${pid}/task/${task}`;
      const [cpu, waited] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ').map(Number);
      return {
        id: Number(task),
        name: readFileSync(`${folder}/comm`, 'utf8').trim(),
        cpuSeconds: (cpu ?? 0) / 1e9,
        waitedSeconds: (waited ?? 0) / 1e9,
      };
    })
    .sort((a, b) => a.id - b.id);
}
