import { Pool } from 'undici';
import { OPERATOR_TOKEN } from '../http/api.ts';

/** Publishes that were sent, and what is known of them. */
export interface Publishing {
  /** Ids of every event that was sent or tried to be. */
  sent: string[];
  /** Ids of the events that the server acknowledged with 202. */
  answered: Set<string>;
  /** Replies other than 202, as text. */
  refused: string[];
  /** Resolves when every publish has been answered or has failed. */
  done: Promise<void>;
}

/** An event to publish, under the publisher's own id. */
export interface OwnEvent {
  id: string;
  type: string;
  data: unknown;
  project_id?: string;
}

/** Publishes all of the events at once, over at most `connections` keep-alive connections. */
export function publishMany(url: string, events: readonly OwnEvent[], connections = 64): Publishing {
  const pool = new Pool(url, { connections });
  const answered = new Set<string>();
  const refused: string[] = [];
  const publish = async (event: OwnEvent): Promise<void> => {
    try {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/webhook-events',
        headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
      const text = await body.text();
      if (statusCode === 202) answered.add(event.id);
      else refused.push(`${statusCode} ${text}`);
    } catch {
      // The server went away before it answered: the publisher knows nothing of this event.
    }
  };
  const done = Promise.all(events.map(publish)).then(() => pool.destroy());
  return { sent: events.map((event) => event.id), answered, refused, done };
}
