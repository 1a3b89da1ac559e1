import { type Bundle, defineTrigger, type Trigger, type ZObject } from 'zapier-platform-core';
import { inputFields } from './input-fields.ts';
import { listSamples } from './list-samples.ts';
import { outputFields } from './output-fields.ts';
import type { PublishedCatalog, PublishedEventType } from './published-catalog.ts';
import { receive } from './receive.ts';
import { subscribe } from './subscribe.ts';
import { unsubscribe } from './unsubscribe.ts';

/** The trigger for an event type. Every trigger of the app is made here, and none knows more than the catalog says. */
export function triggerFromEventType(eventType: PublishedEventType, envelope: PublishedCatalog['envelope']): Trigger {
  const [sample] = eventType.samples;
  return defineTrigger({
    key: eventType.key,
    noun: eventType.noun,
    display: { label: eventType.label, description: `Triggers when ${eventType.fires_when}.` },
    operation: {
      type: 'hook',
      inputFields: inputFields(eventType),
      performSubscribe: (z: ZObject, bundle: Bundle) => subscribe(eventType, z, bundle),
      performUnsubscribe: unsubscribe,
      perform: (z: ZObject, bundle: Bundle) => receive(eventType, z, bundle),
      performList: (z: ZObject, bundle: Bundle) => listSamples(eventType, z, bundle),
      outputFields: outputFields(eventType, envelope),
      ...(sample === undefined ? {} : { sample: { ...sample } }),
    },
  });
}
