import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Pick<Logger, 'error' | 'warn' | 'info' | 'debug'>;

/** Lines are gathered up to this many bytes, or for this long. */
const GATHERED_BYTES = 8192;
const GATHERED_MS = 1000;
/** When whoever reads the log stands still for longer than this lasts, lines are dropped rather than memory filled. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const WARN = 40;

/** Where the log goes. */
export interface LogOutput extends DestinationStream {
  /** Hands everything gathered to the system. */
  flush(): void;
}

/**
 * Standard output, written in pieces of 8 KB, at the latest after a second, and at the end of the process: kill -9 alone
 * loses lines. The process does not wait for whoever reads it.
 */
export function openLogOutput(): LogOutput {
  return pino.destination({
    dest: 1,
    sync: false,
    minLength: GATHERED_BYTES,
    periodicFlush: GATHERED_MS,
    maxLength: MOST_WAITING_BYTES,
  });
}

/**
 * One JSON line per entry on standard output. `level` is pino's: trace, debug, info, warn, error, fatal or silent.
 * Warnings and errors are written at once.
 */
export function createLog(level: string, output: LogOutput = openLogOutput()): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: {
        logMethod(args, method, of) {
          method.apply(this, args);
          if (of >= WARN) output.flush();
        },
      },
    },
    output,
  );
}
