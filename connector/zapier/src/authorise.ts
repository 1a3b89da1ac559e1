import type { BeforeRequestMiddleware } from 'zapier-platform-core';

/** Adds the token to every request of this app; all of them go to the user's own server. */
export const authorise: BeforeRequestMiddleware = (request, _z, bundle) => ({
  ...request,
  headers: { ...request.headers, Accept: 'application/json', Authorization: `Bearer ${bundle.authData.token ?? ''}` },
});
