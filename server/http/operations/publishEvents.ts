import { Problem } from '../../problem.ts';
import type { Published } from '../../publish/publisher.ts';
import { asProblem } from '../as-problem.ts';
import type { OperationDeps } from '../deps.ts';
import { faultsBelow } from '../faults.ts';
import type { components } from '../generated/openapi.ts';
import { claimForItems, onceForItem } from '../once.ts';
import type { Encoded, Operation } from '../operation.ts';
import { checkTeam, publishRequest } from '../publish-request.ts';
import { problemText } from '../send.ts';

type NewEvent = components['schemas']['NewEvent'];

/** POST /v1/webhook-events/batch */
export function publishEvents(deps: OperationDeps): Operation<'publishEvents'> {
  const { publisher, actForTeam, log } = deps;
  return async ({ id, body: { events }, itemFaults, headers, caller, once }) => {
    const wasMade = once !== undefined && (await claimForItems(deps, once));
    const teams = await teamsOf(
      events.filter((_, index) => !itemFaults?.has(index)),
      async (named) => (await actForTeam(caller, named)).teamId,
    );

    const publish = async (event: NewEvent, index: number): Promise<Published> => {
      const fault = itemFaults?.get(index);
      if (fault !== undefined) throw fault;
      checkTeam(event, headers['Team-Id']);
      const request = publishRequest(event, teams(event.team_id), {
        caller,
        once: once && onceForItem(once, index),
        traceparent: headers.traceparent,
      });
      return publisher.publish(request);
    };
    // All are handed over in this turn of the event loop, so that they share the group commit.
    const publishing = events.map(publish);
    // What was parsed is not kept until the commit: 1,600 events under way were copied by every collection (88 of 270 µs a delivery).
    events.length = 0;
    const outcomes = await Promise.allSettled(publishing);

    // When the database is away, the group commit gives all of its items the same error: it is logged once.
    const problems = new Map<unknown, Problem>();
    const problemOf = (error: unknown): Problem => {
      const problem = problems.get(error) ?? asProblem(error, log, { request_id: id, operation: 'publishEvents' });
      problems.set(error, problem);
      return problem;
    };
    const entries = outcomes.map((outcome, index) =>
      outcome.status === 'fulfilled'
        ? accepted(outcome.value)
        : rejected(itemFaults?.get(index) ?? atItem(problemOf(outcome.reason), index), id),
    );
    const isRepeat = wasMade && outcomes.every((one) => one.status === 'rejected' || one.value.repeated);
    return {
      status: 202,
      headers: isRepeat ? { 'Idempotency-Replayed': 'true' } : {},
      body: replyOf(entries),
      ownsBody: true,
    };
  };
}

/** Looks up each team that events name, once; the function answers with its id, or throws what the look-up threw. */
async function teamsOf(
  events: readonly NewEvent[],
  find: (named: string | undefined) => Promise<string>,
): Promise<(named: string | undefined) => string> {
  const names = [...new Set(events.map((event) => event.team_id))];
  const found = await Promise.allSettled(names.map(find));
  const teams = new Map(names.map((name, index) => [name, found[index]]));
  return (named) => {
    const team = teams.get(named);
    if (team?.status === 'fulfilled') return team.value;
    throw team?.reason;
  };
}

/** As bytes: a string of 200 KB is an object of its own in the old generation, and brings about full collections. */
function replyOf(entries: readonly (readonly string[])[]): Encoded<components['schemas']['PublishedEvents']> {
  const parts = ['{"data":[', ...entries.flatMap((entry, index) => (index === 0 ? entry : [',', ...entry])), ']}'];
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) at += bytes.write(part, at);
  return bytes as Encoded<components['schemas']['PublishedEvents']>;
}

/** The problem of one event as one of the request: its pointers lead to the event. */
function atItem({ status, code, message, errors, headers }: Problem, index: number): Problem {
  return new Problem(status, code, message, {
    ...(errors === undefined ? {} : { errors: faultsBelow(`/events/${index}`, errors) }),
    ...(headers === undefined ? {} : { headers }),
  });
}

/** The envelope is text already, as in publishEvent. */
function accepted({ envelope, deliveries }: Published): string[] {
  return ['{"status":202,"event":', envelope, `,"deliveries":${deliveries}}`];
}

function rejected(problem: Problem, requestId: string): string[] {
  return [`{"status":${problem.status},"problem":${problemText(problem, requestId)}}`];
}
