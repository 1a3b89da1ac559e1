import { type ChildProcess, fork } from 'node:child_process';

/** A process of the bench. */
export interface Child {
  /** The next message of the process that has this member. @throws when none comes within `ms`, or the process fails. */
  next<T extends object>(member: keyof T & string, ms?: number): Promise<T>;
  /** Hears every message that has this member; the result stops that. */
  listen<T extends object>(member: keyof T & string, hear: (message: T) => void): () => void;
  /** Rejects when the process ends in failure; settles in no other way. */
  failed: Promise<never>;
  send(message: object): void;
  pid: number;
  stop(): void;
}

/** Beyond this something is lost, not slow. */
const PATIENCE_MS = 180_000;

/** Starts a module of this folder in a process of its own. */
export function startChild(module: string): Child {
  const child: ChildProcess = fork(new URL(module, import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const failed = new Promise<never>((_, reject) => {
    child.on('exit', (code) => {
      if (code !== 0) reject(new Error(`${module} ended with ${code}`));
    });
  });
  // Those who wait for something of the process hear of it.
  failed.catch(() => undefined);
  function listen<T extends object>(member: keyof T & string, hear: (message: T) => void): () => void {
    const onMessage = (message: unknown): void => {
      if (typeof message === 'object' && message !== null && member in message) hear(message as T);
    };
    child.on('message', onMessage);
    return () => child.off('message', onMessage);
  }
  return {
    listen,
    failed,
    next: <T extends object>(member: keyof T & string, ms = PATIENCE_MS) =>
      new Promise<T>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${module} did not tell "${member}" within ${ms} ms`)), ms);
        failed.catch((error) => {
          clearTimeout(timer);
          reject(error);
        });
        const stop = listen<T>(member, (message) => {
          clearTimeout(timer);
          stop();
          resolve(message);
        });
      }),
    send: (message) => child.send(message),
    pid: child.pid ?? 0,
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}
