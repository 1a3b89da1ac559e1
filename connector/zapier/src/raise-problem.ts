import type { AfterResponseMiddleware } from 'zapier-platform-core';
import { problemError } from './problem-error.ts';

/** Raises an error for every reply that says one, unless the request asked to see such replies itself. */
export const raiseProblem: AfterResponseMiddleware = (response, z) => {
  if (response.status >= 400 && !response.skipThrowForStatus) throw problemError(response, z);
  return response;
};
