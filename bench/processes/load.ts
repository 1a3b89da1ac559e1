/** The load in a process of its own: publishes over keep-alive connections, as many at once as there are connections. */
import { Connection, postBytes } from '../wire/connection.ts';
import { monotonicMs } from '../wire/monotonic.ts';
import type { Done, PublishJob } from './jobs.ts';

process.on('message', async (job: PublishJob) => {
  const startedAt = monotonicMs();
  await publish(job);
  process.send?.({ startedAt, endedAt: monotonicMs() } satisfies Done);
});
process.on('disconnect', () => process.exit());

async function publish(job: PublishJob): Promise<void> {
  const requests = job.bodies.map((body) => postBytes(job.url, job.path, job.token, body));
  let started = 0;
  const run = (connection: Connection, done: () => void): void => {
    const request = requests[started % requests.length];
    if (started >= job.count || request === undefined) {
      connection.close();
      done();
      return;
    }
    started += 1;
    connection.post(request, ({ status, body }) => {
      if (status !== 202) throw new Error(`a publish was answered with ${status}: ${body}`);
      run(connection, done);
    });
  };
  await Promise.all(
    Array.from({ length: job.connections }, () => {
      const connection = new Connection(job.url, 200);
      return new Promise<void>((resolve) => run(connection, resolve));
    }),
  );
}
