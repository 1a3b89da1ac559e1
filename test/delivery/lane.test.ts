import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lane } from '../../server/delivery/lane.ts';
import type { DueDelivery } from '../../server/storage/due.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');

function lane(): Lane {
  return new Lane(
    {
      team_id: 'default',
      endpoint_id: 'ep_1',
      fence: 1,
      failing_since: null,
      last_success_at: null,
      consecutive_failures: 0,
      backoff_until: null,
      backoff_level: 0,
    },
    NOW,
  );
}

/** A delivery that is due `ms` after noon. */
function due(ms: number): DueDelivery {
  return { id: `dlv_${ms}`, due_at: NOW + ms } as DueDelivery;
}

const waiting = (of: Lane): string[] => of.waiting.map(({ id }) => id);

test('what stands before a rewind stays, and what stands behind it is read again', () => {
  const one = lane();
  one.hasMore = false;
  one.accept([due(1), due(5), due(9)], new Set(), NOW);
  one.rewind(NOW + 5);
  assert.deepEqual(waiting(one), ['dlv_1']);
  assert.ok(one.hasMore && one.isAhead(due(5)) && !one.isAhead(due(1)));
});

test('what is committed during a read, before what the read finds, is read after it', () => {
  const one = lane();
  one.hasMore = false;
  one.isReading = true;
  one.rewind(NOW + 5);
  one.accept([due(1), due(9)], new Set(), NOW);
  one.isReading = false;
  assert.deepEqual(waiting(one), ['dlv_1']);
  assert.ok(one.hasMore && one.isAhead(due(5)) && one.isAhead(due(9)));
});

test('what is committed during a read, behind what the read finds, changes nothing of it', () => {
  const one = lane();
  one.isReading = true;
  one.rewind(NOW + 12);
  one.accept([due(1), due(9)], new Set(), NOW);
  one.isReading = false;
  assert.deepEqual(waiting(one), ['dlv_1', 'dlv_9']);
  assert.ok(one.hasMore && one.isAhead(due(12)) && !one.isAhead(due(9)));
});
