import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { ReceiverEntry } from './ledger.ts';

/** A request that came to a receiver, and what became of it. */
export interface Receipt {
  at: number;
  /** The name of the receiver's host, where there are several. */
  host: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** The event's id, as its headers say. */
  id: string;
  attempt: number;
  deliveryId: string;
  /** What was answered; null when nothing was. */
  status: number | null;
  /** When it was over, and how many bytes had been sent back by then; null while it is not. */
  closed: { at: number; bytes: number } | null;
}

/** Puts together what a ledger says of each request, in the order in which they came. */
export function receiptsOf(entries: readonly ReceiverEntry[]): Receipt[] {
  const receipts = new Map<string, Receipt>();
  for (const entry of entries) {
    if (entry.entry === 'request') {
      const { at, host, path, headers, body } = entry;
      receipts.set(entry.request, {
        at,
        host,
        path,
        headers,
        body,
        id: headers['webhook-id'] ?? headers['mp-event-id'] ?? '',
        attempt: Number(headers['hookloom-attempt']),
        deliveryId: headers['hookloom-delivery'] ?? '',
        status: null,
        closed: null,
      });
      continue;
    }
    const receipt = receipts.get(entry.request);
    if (receipt === undefined) throw new Error('a receiver answered a request that it never got');
    if (entry.entry === 'answer') receipt.status = entry.status;
    else receipt.closed = { at: entry.at, bytes: entry.bytes };
  }
  return [...receipts.values()];
}

/** The receiver took it. */
export function isTaken({ status }: Receipt): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Standard Webhooks libraries refuse what is older than five minutes. */
const FRESH_MS = 4 * 60_000;

/** Whether a receipt verifies with a secret, by the reference library; where clocks were moved, but for its time. */
export function verifies({ headers, body }: Receipt, secret: string): boolean {
  const vendor = headers['mp-signature'];
  if (vendor !== undefined) {
    const timestamp = /t=(\d+)/.exec(vendor)?.[1] ?? '';
    return vendor.includes(`=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`);
  }
  const webhook = new Webhook(secret);
  const signedAt = Number(headers['webhook-timestamp']) * 1000;
  if (Math.abs(Date.now() - signedAt) > FRESH_MS) {
    const signature = webhook.sign(headers['webhook-id'] ?? '', new Date(signedAt), body);
    return (headers['webhook-signature'] ?? '').split(' ').includes(signature);
  }
  try {
    webhook.verify(body, headers);
    return true;
  } catch {
    return false;
  }
}
