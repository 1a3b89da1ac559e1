import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { Problem } from '../problem.ts';
import { createActForTeam } from '../token/act-for-team.ts';
import { createAdmitScraper } from '../token/admit-scraper.ts';
import { createAuthentication } from '../token/authenticate.ts';
import { createRateLimits } from '../token/rate-limits.ts';
import { asProblem } from './as-problem.ts';
import type { AppDeps } from './deps.ts';
import { Intake } from './intake.ts';
import { mount } from './mount.ts';
import { createOperations } from './operations/index.ts';
import { requestId } from './request-id.ts';
import { problemReply, send } from './send.ts';
import { workerOnly, workerSurface } from './worker-surface.ts';

/** Makes the HTTP application: every operation of openapi.yaml, checked against it on the way in. */
export function createApp(deps: AppDeps): Express {
  const authentication = createAuthentication(deps);
  const actForTeam = createActForTeam(deps.db);
  const operations = createOperations({
    ...deps,
    authentication,
    actForTeam,
    contract: deps.contract.document,
    rules: {
      catalog: deps.catalog,
      dialects: deps.dialects,
      retryPolicies: deps.retryPolicies,
      defaultDialect: deps.defaultDialect,
      target: deps.egressPolicy,
      quota: deps.endpointQuota,
      vault: deps.vault,
    },
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Queries are read against the contract; Express need not parse them too.
  app.set('query parser', false);
  // A proxy on this machine or this private network may say by which name and scheme the caller came.
  app.set('trust proxy', 'loopback, linklocal, uniquelocal');
  const isWorker = deps.role === 'worker';
  mount(app, isWorker ? workerSurface(deps.contract.operations) : deps.contract.operations, operations, {
    db: deps.db,
    authentication,
    admitScraper: createAdmitScraper({
      authentication,
      metricsTokenHash: deps.metricsTokenHash,
      isOpen: deps.metricsTokenHash === null && deps.egressPolicy.allowLoopback,
    }),
    nothingAt: isWorker ? workerOnly : routeNotFound,
    actForTeam,
    rateLimits: createRateLimits(deps.db, deps.rateLimits),
    intake: new Intake(deps.clock),
    log: deps.log,
    checkResponses: deps.checkResponses ?? false,
  });
  // Express calls an error handler by its four parameters. What arrives here never reached an operation.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const id = requestId(request.headers);
    const problem =
      error instanceof URIError
        ? new Problem(400, 'parameter_invalid', 'The path is not valid percent-encoded UTF-8.')
        : asProblem(error, deps.log, { request_id: id });
    send(response, problemReply(problem, id), id);
  });
  return app;
}

function routeNotFound(path: string): Problem {
  return new Problem(404, 'route_not_found', `There is nothing at ${path}. GET /openapi.json lists what there is.`);
}
