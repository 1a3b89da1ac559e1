import { checkProject } from '../endpoint/check-rights.ts';
import type { Caller, OnceScope } from '../model.ts';
import { parseTraceparent } from '../observe/traceparent.ts';
import { Problem } from '../problem.ts';
import type { PublishRequest } from '../publish/publisher.ts';
import type { components } from './generated/openapi.ts';

type NewEvent = components['schemas']['NewEvent'];

/** An event of the contract as the publisher takes it. @throws Problem 403 `project_not_allowed`. */
export function publishRequest(
  event: NewEvent,
  teamId: string,
  { caller, once, traceparent }: { caller: Caller; once: OnceScope | undefined; traceparent: string | undefined },
): PublishRequest {
  checkProject(caller, event.project_id ?? null);
  return {
    teamId,
    type: event.type,
    data: event.data,
    projectId: event.project_id ?? null,
    isTest: caller.isTest,
    ...(event.id === undefined ? {} : { id: event.id }),
    ...(event.created_at === undefined ? {} : { createdAt: event.created_at }),
    traceparent: parseTraceparent(traceparent),
    ...(once === undefined ? {} : { once: { ...once, teamId } }),
  };
}

/** An event may name its team, or the header `Team-Id` may. @throws Problem 422 `validation_failed` when they differ. */
export function checkTeam(event: NewEvent, named: string | undefined): void {
  if (named === undefined || event.team_id === undefined || named === event.team_id) return;
  throw new Problem(
    422,
    'validation_failed',
    'team_id and the header Team-Id name different teams. Send one of them.',
    { errors: [{ pointer: '/team_id', message: 'differs from the header Team-Id' }] },
  );
}
