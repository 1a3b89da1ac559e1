import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process that stands at the edge of a scenario: a publisher or a receiver. */
export interface Child {
  send(message: unknown): void;
  /** The next message that the process sends. */
  next(): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts a module of this folder. Its parent's end is its own.
 * @param through a command that starts it, such as `ip netns exec <name>`
 */
export function startChild(module: string, args: readonly string[], through: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const [command = '', ...rest] = [
    ...through,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    path,
    ...args,
  ];
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const messages: unknown[] = [];
  const waiting: { resolve(message: unknown): void; reject(error: Error): void }[] = [];
  child.on('message', (message) => {
    const first = waiting.shift();
    if (first === undefined) messages.push(message);
    else first.resolve(message);
  });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', (code) => {
      for (const one of waiting) one.reject(new Error(`${module} ended with ${code}`));
      resolve();
    });
  });
  return {
    send: (message) => void child.send(message as object),
    next: () =>
      messages.length > 0
        ? Promise.resolve(messages.shift())
        : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
