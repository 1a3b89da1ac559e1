import { insertInto } from '../../server/storage/rows.ts';

/** Rows of `event` with numbers of the test's own choice, whatever the team's are. */
export const insertNumberedEvents = insertInto('event', [
  'seq',
  'team_id',
  'id',
  'type',
  'project_id',
  'is_test',
  'deliveries',
  'accepted_at',
  'envelope',
  'traceparent',
]);
