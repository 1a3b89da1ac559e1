import pg from 'pg';

const CHANNEL = 'hookloom';
/** PostgreSQL takes payloads of up to 8,000 bytes. */
export const LONGEST_PAYLOAD = 7900;
const RECONNECT_MS = 2000;

/** Messages between the processes that share a PostgreSQL. They may be lost; nothing depends on them but speed. */
export interface Channel {
  /** Sends a message to every process, this one included. */
  notify(payload: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens LISTEN/NOTIFY on a connection of its own, and opens it again when it breaks. Through a pooler that cannot listen
 * nothing is heard; the workers' regular look-out serves then.
 */
export async function openChannel(
  url: string,
  onMessage: (payload: string) => void,
  log: { warn(fields: object, message: string): void },
): Promise<Channel> {
  let client: pg.Client | undefined;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'hookloom channel',
      keepAlive: true,
      pipeline: true,
    });
    const reconnect = (error?: Error): void => {
      if (isClosed || client !== fresh) return;
      client = undefined;
      log.warn({ err: error }, 'the notification connection broke; connecting again');
      retry = setTimeout(() => void connect(), RECONNECT_MS).unref();
    };
    client = fresh;
    fresh.on('error', reconnect);
    fresh.on('end', () => reconnect());
    fresh.on('notification', ({ payload }) => onMessage(payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANNEL}`);
    } catch (error) {
      reconnect(error instanceof Error ? error : new Error(String(error)));
    }
  }

  await connect();
  return {
    async notify(payload) {
      // NOTIFY takes a lock that every commit with a NOTIFY shares, so it is a transaction of its own, after the fact.
      await client?.query({ name: 'notify', text: 'select pg_notify($1, $2)', values: [CHANNEL, payload] });
    },
    async close() {
      isClosed = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
