import { insertInto } from '../../server/storage/rows.ts';

/** Rows of `event` with numbers of the test's own choice, whatever the team's are. */
export const insertNumberedEvents = insertInto('event', {
  seq: 'bigint',
  team_id: 'text',
  id: 'text',
  type: 'text',
  project_id: 'text',
  is_test: 'bigint',
  deliveries: 'bigint',
  accepted_at: 'bigint',
  envelope: 'text',
  traceparent: 'text',
});
