import { createRequire } from 'node:module';
import type { createApp } from '../../src/app.ts';
import type { AppDefinition } from '../../src/lint/definition.ts';
import { sendToApp } from '../../src/send-to-app.ts';

export type ZapierApp = ReturnType<typeof createApp>;

/** What Zapier hands to a method of the app. */
export interface TestBundle {
  authData?: Record<string, string>;
  inputData?: Record<string, unknown>;
  targetUrl?: string;
  subscribeData?: { id?: string; secret?: string };
  rawRequest?: { method?: string; querystring?: string; headers?: Record<string, string>; content?: string };
  cleanedRequest?: unknown;
}

// Core ends its process after 250 runs when it has grown beyond 450 MB; here the process holds a server as well.
createRequire(import.meta.url)('zapier-platform-core/src/constants').KILL_MAX_LIMIT = Number.POSITIVE_INFINITY;

/**
 * Runs a method of the app as Zapier does: by its path (`triggers.<key>.operation.perform`), through the platform's core.
 * Core copies the whole app for every run (10 ms for 77 triggers), so those that are not run are left out.
 */
export async function runMethod<T>(app: ZapierApp, method: string, bundle: TestBundle): Promise<T> {
  const triggers = Object.entries(app.triggers).filter(([key]) => method.startsWith(`triggers.${key}.`));
  const part = { ...app, triggers: Object.fromEntries(triggers) };
  return (await sendToApp(part, { command: 'execute', method, bundle })) as T;
}

/** The faults that Zapier's own schema finds in the app. */
export async function validateApp(app: ZapierApp): Promise<unknown[]> {
  return (await sendToApp(app, { command: 'validate' })) as unknown[];
}

/** The app in the form in which it is pushed to Zapier. */
export async function serialiseApp(app: ZapierApp): Promise<AppDefinition> {
  return structuredClone(await sendToApp(app, { command: 'definition' })) as AppDefinition;
}
