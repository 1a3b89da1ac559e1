import zapier, { type App, defineApp, type Trigger } from 'zapier-platform-core';
import packageJson from '../package.json' with { type: 'json' };
import { authentication } from './authentication.ts';
import { authorise } from './authorise.ts';
import type { PublishedCatalog } from './published-catalog.ts';
import { raiseProblem } from './raise-problem.ts';
import { triggerFromEventType } from './trigger-from-event-type.ts';

/** The Zapier app for a catalog, with a trigger for every event type that can be published. */
export function createApp(catalog: PublishedCatalog): App<Record<string, Trigger>> {
  const triggers = catalog.events
    .filter((eventType) => eventType.has_trigger)
    .map((eventType) => triggerFromEventType(eventType, catalog.envelope));
  return defineApp({
    version: packageJson.version,
    platformVersion: zapier.version,
    authentication,
    beforeRequest: [authorise],
    afterResponse: [raiseProblem],
    triggers: Object.fromEntries(triggers.map((trigger) => [trigger.key, trigger])),
  });
}
