import { Problem } from '../problem.ts';

/** The event's payload was pruned, so there is nothing left to send. */
export function payloadPruned(eventId: string): Problem {
  return new Problem(
    409,
    'payload_pruned',
    `The payload of event "${eventId}" is past its retention and was pruned, so it cannot be sent any more. Publish a new event instead.`,
  );
}
