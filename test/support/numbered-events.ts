import { EVENT } from '../../server/storage/publishing.ts';
import { insertInto } from '../../server/storage/rows.ts';

/** Rows of `event` with numbers of the test's own choice, whatever the team's are. */
export const insertNumberedEvents = insertInto('event', { seq: 'bigint', team_id: 'text', ...EVENT });
