import type { Ability } from '../model.ts';

/** Every ability there is; the operator has them all. */
export const ABILITIES: readonly Ability[] = [
  'webhook-endpoint:manage',
  'webhook-event:publish',
  'webhook-event:read',
  'webhook-delivery:read',
  'team:view',
  'token:manage',
  'audit:read',
  'member:pii',
  'member:erase',
];
