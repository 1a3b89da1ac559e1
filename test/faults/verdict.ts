import assert from 'node:assert/strict';
import type { caller } from '../http/api.ts';
import { listDeliveries } from './deliveries.ts';
import type { ClientEntry } from './ledger.ts';
import { isTaken, type Receipt, verifies } from './receipts.ts';

/** An endpoint of a scenario, and what its owner knows of it. */
export interface Watched {
  id: string;
  path: string;
  /** The event types that it gets, or `*`. */
  events: readonly string[];
  /** Every secret that it has had. */
  secrets: string[];
  createdAt: number;
  /** When it was asked to be deleted, and when that was acknowledged. */
  removal: { askedAt: number; doneAt: number } | null;
}

/** What the ledgers and the API say of a run. */
export interface Verdict {
  answered: number;
  /** Publishes that got another answer than 202, or none. */
  unanswered: number;
  receipts: number;
  /** Answered with 202, and neither received nor in a final state: `<event> <path>`. */
  lost: string[];
  /** Settled as delivered, though no receiver has taken it. */
  invented: string[];
  /** Requests of an event that came to an endpoint that had taken it before. */
  repeated: number;
  /** Requests of an event that had come to that endpoint before, taken or not. */
  again: number;
  unverified: string[];
  /** A repeat that differs in id or bytes. */
  changed: string[];
  /** Of an event that nobody published. */
  unknown: string[];
  /** Started more than a second after an acknowledged delete or a 410. */
  late: string[];
}

interface Known {
  client: readonly ClientEntry[];
  receipts: readonly Receipt[];
  endpoints: readonly Watched[];
  breaks: readonly number[];
  call: ReturnType<typeof caller>;
}

/** An attempt may start this long after its endpoint is gone. */
const GRACE_MS = 1000;
const FINAL = new Set(['delivered', 'dead', 'cancelled']);

/** Compares what was promised with what came. Ask when everything has settled. */
export async function judge({ client, receipts, endpoints, breaks, call }: Known): Promise<Verdict> {
  const sent = new Map<string, { at: number; type: string }>();
  const answered = new Map<string, number>();
  for (const entry of client) {
    if (entry.entry === 'sent') sent.set(entry.id, entry);
    else if (entry.entry === 'replied' && entry.status === 202) answered.set(entry.id, entry.at);
  }
  const verdict: Verdict = {
    answered: answered.size,
    unanswered: sent.size - answered.size,
    receipts: receipts.length,
    lost: [],
    invented: [],
    repeated: 0,
    again: 0,
    unverified: [],
    changed: [],
    unknown: [],
    late: [],
  };
  const byPath = Map.groupBy(receipts, (receipt) => receipt.path);
  for (const endpoint of endpoints) {
    const own = byPath.get(endpoint.path) ?? [];
    byPath.delete(endpoint.path);
    checkReceipts(endpoint, own, sent, verdict);
    const gone = own.filter((receipt) => receipt.status === 410).map((receipt) => receipt.at);
    const goneAt = gone[0] ?? Number.POSITIVE_INFINITY;
    // A 410 that was not written down before something broke is forgotten, and the next one counts.
    const heardAt = gone.find((at) => !breaks.some((one) => one > at && one < at + GRACE_MS));
    const endsAt = Math.min(endpoint.removal?.doneAt ?? Number.POSITIVE_INFINITY, heardAt ?? Number.POSITIVE_INFINITY);
    for (const one of own) if (one.at > endsAt + GRACE_MS) verdict.late.push(`${one.id} ${one.path}`);

    const deliveries = await listDeliveries(call, `endpoint_id=${endpoint.id}`);
    const statuses = Map.groupBy(deliveries, (delivery) => delivery.event_id);
    const taken = new Set(own.filter(isTaken).map((receipt) => receipt.id));
    const closesAt = Math.min(endpoint.removal?.askedAt ?? Number.POSITIVE_INFINITY, goneAt);
    for (const [id, at] of answered) {
      const found = (statuses.get(id) ?? []).map(({ status }) => status);
      // Published before the endpoint was there, or perhaps after it was gone: it need not have matched.
      const { at: sentAt, type } = sent.get(id) ?? { at: 0, type: '' };
      const isWanted = endpoint.events.includes('*') || endpoint.events.includes(type);
      const mustMatch = isWanted && sentAt > endpoint.createdAt && at < closesAt;
      const isAccounted = taken.has(id) || found.some((status) => status !== 'delivered' && FINAL.has(status));
      if (mustMatch && !isAccounted) verdict.lost.push(`${id} ${endpoint.path} (${found.join(', ') || 'no delivery'})`);
    }
    for (const { event_id: id, status } of deliveries)
      if (status === 'delivered' && !taken.has(id)) verdict.invented.push(`${id} ${endpoint.path}`);
  }
  for (const [path, own] of byPath) for (const { id } of own) verdict.unknown.push(`${id} ${path}`);
  return verdict;
}

function checkReceipts(
  endpoint: Watched,
  receipts: readonly Receipt[],
  sent: ReadonlyMap<string, unknown>,
  verdict: Verdict,
): void {
  const first = new Map<string, Receipt>();
  const taken = new Set<string>();
  for (const receipt of receipts) {
    const { id, path, body } = receipt;
    const name = `${id} ${path}`;
    if (!sent.has(id)) verdict.unknown.push(name);
    if (!endpoint.secrets.some((secret) => verifies(receipt, secret))) verdict.unverified.push(name);
    if ((JSON.parse(body) as { id: string }).id !== id) verdict.changed.push(name);
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, receipt);
    else {
      verdict.again += 1;
      if (earlier.body !== body) verdict.changed.push(name);
    }
    if (taken.has(id)) verdict.repeated += 1;
    if (isTaken(receipt)) taken.add(id);
  }
}

/** What must hold after every run, whatever the fault. */
export function assertSound(verdict: Verdict): void {
  for (const name of ['lost', 'invented', 'unverified', 'changed', 'unknown', 'late'] as const)
    assert.deepEqual(verdict[name].slice(0, 5), [], `${verdict[name].length} ${name}`);
  assert.ok(verdict.answered > 0, 'no event was answered with 202');
}
