import assert from 'node:assert/strict';
import type { components } from '../../server/http/generated/openapi.ts';
import type { caller } from '../http/api.ts';

export type Delivery = components['schemas']['Delivery'];
export type DeliveryWithAttempts = components['schemas']['DeliveryWithAttempts'];
type Call = ReturnType<typeof caller>;

/** Every delivery that fits a query (`endpoint_id=…&status=…`), read page by page. */
export async function listDeliveries(call: Call, query: string): Promise<Delivery[]> {
  const found: Delivery[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = await call('GET', `/v1/webhook-deliveries?${query}&limit=100${more}`);
    assert.equal(page.status, 200, page.text);
    found.push(...(page.json.data as Delivery[]));
    cursor = page.json.next_cursor as string | null;
  }
  return found;
}

/** A delivery with its attempts. */
export async function readDelivery(call: Call, id: string): Promise<DeliveryWithAttempts> {
  const answer = await call('GET', `/v1/webhook-deliveries/${id}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.data as DeliveryWithAttempts;
}
