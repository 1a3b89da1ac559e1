import zapier from 'zapier-platform-core';

type Handler = (event: object) => Promise<{ results: unknown }>;

// The published types leave createAppHandler out.
const { createAppHandler } = zapier as unknown as { createAppHandler: (app: object) => Handler };

/**
 * Sends an app a command of the platform (`validate`, `definition`, `execute`) and gives its results.
 * `calledFromCli` keeps core from printing its memory use and from patching node:http.
 */
export async function sendToApp(app: object, event: { command: string; [key: string]: unknown }): Promise<unknown> {
  return (await createAppHandler(app)({ calledFromCli: true, ...event })).results;
}
