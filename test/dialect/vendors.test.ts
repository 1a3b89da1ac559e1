import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import memberstackAdmin from '@memberstack/admin';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Webhook as SvixWebhook } from 'svix';
import { nameIn } from '../../server/catalog/dialect-names.ts';
import { type Stage, setStage } from '../product/stage.ts';
import type { Received } from '../support/receiver.ts';
import { bodySchema } from './shapes.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

/** What each vendor's receivers check, with the vendor's own code where it is published. */
const VERIFIERS: Record<string, (request: Received, secret: string, name: string) => void> = {
  memberpass({ headers, body, json }, secret, name) {
    const [time, signature] = (headers['mp-signature'] ?? '').split(',');
    const expected = createHmac('sha256', secret)
      .update(`${time?.slice(2)}.${body}`)
      .digest('hex');
    assert.equal(signature, `v1=${expected}`);
    assert.equal(headers['mp-event-name'], name);
    assert.equal(`evt_${headers['mp-event-id']}`, json.id);
  },
  memberstack({ headers: received, body }, secret) {
    new SvixWebhook(secret).verify(body, received);
    // Its SDK reads them in capitals.
    const headers = Object.fromEntries(Object.entries(received).map(([name, value]) => [name.toUpperCase(), value]));
    const admin = memberstackAdmin.init('sk_test');
    admin.verifyWebhookSignature({ headers, secret, payload: JSON.parse(body), tolerance: 300 });
    assert.throws(() => admin.verifyWebhookSignature({ headers, secret, payload: {}, tolerance: 300 }));
  },
  memberply({ headers, body }, secret, name) {
    assert.equal(headers['x-memberply-signature'], createHmac('sha256', secret).update(body).digest('hex'));
    assert.equal(headers['x-memberply-event'], name);
  },
};

describe('a receiver written for', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage[Symbol.asyncDispose]());

  const make = async (path: string, dialect: string, events: string[], more: object = {}) => {
    const body = { url: stage.receiver.url + path, dialect, events, ...more };
    const made = await stage.api.call('POST', '/v1/webhook-endpoints', { body });
    assert.equal(made.status, 201, made.text);
    return made.json;
  };

  for (const [dialect, verify] of Object.entries(VERIFIERS))
    it(`${dialect} takes every event that the vendor has, asked for by the vendor's name`, async () => {
      const { catalog } = stage.api.hookloom;
      const offered = [...catalog.types.values()].filter((type) => type.set !== 'system' && type.publishable);
      const aliased = offered.filter((type) => nameIn(catalog, dialect, type) !== undefined);
      assert.ok(aliased.length >= 5);
      const secrets = new Map<string, string>();
      for (const type of aliased) {
        const name = nameIn(catalog, dialect, type) ?? '';
        const made = await make(`/${dialect}/${type.name}`, dialect, [name]);
        assert.deepEqual(made.data.events, [name]);
        secrets.set(type.name, made.secret);
      }
      for (const type of aliased) {
        const { deliveries } = await stage.publish(type.name);
        assert.ok(deliveries >= 1, type.name);
        const path = `/${dialect}/${type.name}`;
        await stage.receiver.waitFor(1);
        const request = await arrivalAt(stage, path);
        const name = nameIn(catalog, dialect, type) ?? '';
        verify(request, secrets.get(type.name) ?? '', name);
        const check = ajv.compile(bodySchema(dialect, name));
        assert.ok(check(request.json), `${type.name}: ${ajv.errorsText(check.errors)}\n${request.body}`);
        assert.equal(request.body, JSON.stringify(JSON.parse(request.body)), 'the body is compact');
      }
    });

  it('one vendor gets none of what it does not know, by name, by wildcard or by replay', async () => {
    for (const [events, code] of [
      [['subscription.plan_changed'], 'event_type_unknown'],
      [['project.*'], 'event_type_unknown'],
      [['webhook.test'], 'event_type_system'],
    ] as const) {
      const body = { url: stage.receiver.url, dialect: 'memberstack', events };
      const { status, json } = await stage.api.call('POST', '/v1/webhook-endpoints', { body });
      assert.deepEqual([status, json.code], [422, code], String(events));
    }
    const mistyped = await stage.api.call('POST', '/v1/webhook-subscriptions', {
      body: { url: stage.receiver.url, dialect: 'memberstack', events: ['member.plan.replace'] },
    });
    assert.match(mistyped.json.detail, /in the dialect "memberstack"\. Did you mean "member\.plan\.replaced"/);

    const all = await make('/all', 'memberstack', ['*']);
    const family = await make('/family', 'memberstack', ['member.*']);
    await stage.publish('project.created');
    await stage.publish('payment.failed');
    await stage.publish('subscription.plan_changed');
    const names = (path: string) =>
      stage
        .at(path)
        .map(({ json }) => json.event)
        .sort();
    await arrivalAt(stage, '/all', 2);
    await arrivalAt(stage, '/family');
    assert.deepEqual(names('/all'), ['member.plan.replaced', 'payment.failed']);
    assert.deepEqual(names('/family'), ['member.plan.replaced']);
    for (const { data } of [all, family])
      assert.equal((await stage.deliveriesTo(data.id)).length, stage.at(new URL(data.url).pathname).length);
  });

  it('one vendor is told of built-in events as well, and gets tests', async () => {
    const made = await make('/built-in', 'memberstack', ['webhook.endpoint_disabled', 'payment.failed']);
    assert.deepEqual(made.data.events, ['webhook.endpoint_disabled', 'payment.failed']);
    await stage.api.call('POST', `/v1/webhook-endpoints/${made.data.id}/test`, { body: {} });
    const request = await arrivalAt(stage, '/built-in');
    assert.equal(request.json.event, 'webhook.test');
    VERIFIERS.memberstack?.(request, made.secret, '');
  });

  it('memberstack verifies with either secret while it changes, the present one first; its SDK takes one alone', async () => {
    const made = await make('/rotated', 'memberstack', ['member.deleted']);
    const rotate = async (body: object) =>
      (await stage.api.call('POST', `/v1/webhook-endpoints/${made.data.id}/rotate-secret`, { body })).json.secret;
    const second = await rotate({});
    await stage.publish('member.deleted');
    const both = await arrivalAt(stage, '/rotated');
    for (const secret of [made.secret, second]) new SvixWebhook(secret).verify(both.body, both.headers);
    const [first] = (both.headers['svix-signature'] ?? '').split(' ');
    new SvixWebhook(second).verify(both.body, { ...both.headers, 'svix-signature': first ?? '' });
    const third = await rotate({ old_secret_valid_for: 0 });
    await stage.publish('member.deleted');
    VERIFIERS.memberstack?.(await arrivalAt(stage, '/rotated', 2), third, '');
  });

  it('one vendor can be changed into another only where the events are known there', async () => {
    const { data } = await make('/changed', 'memberstack', ['payment.failed', 'member.plan.replaced']);
    const patch = (body: object) => stage.api.call('PATCH', `/v1/webhook-endpoints/${data.id}`, { body });
    assert.equal((await patch({ dialect: 'memberply' })).json.code, 'event_type_unknown');
    const changed = await patch({ dialect: 'memberply', events: ['member.tier_changed'] });
    assert.deepEqual(changed.json.data.events, ['member.tier_changed']);
    await stage.publish('subscription.plan_changed');
    assert.equal((await arrivalAt(stage, '/changed')).headers['x-memberply-event'], 'member.tier_changed');
  });

  it('memberply may want its signature in base64, or with a prefix', async () => {
    const signature = { encoding: 'base64', prefix: 'sha256=' };
    const made = await make('/base64', 'memberply', ['member.tier_changed'], { signature });
    assert.deepEqual(made.data.signature, signature);
    await stage.publish('subscription.plan_changed');
    const { headers, body } = await arrivalAt(stage, '/base64');
    const expected = createHmac('sha256', made.secret).update(body).digest('base64');
    assert.equal(headers['x-memberply-signature'], `sha256=${expected}`);
  });

  it('a vendor finds its own names and samples in the catalog', async () => {
    const { json } = await stage.api.call('GET', '/webhook-events.json?dialect=memberstack');
    const names: string[] = json.events.map(({ name }: { name: string }) => name);
    for (const name of ['member.created', 'member.plan.replaced', 'payment.failed', 'webhook.test'])
      assert.ok(names.includes(name), name);
    assert.ok(!names.includes('project.created'));
    assert.equal(json.counts.total, names.length);
    for (const event of json.events.filter(({ set }: { set: string }) => set !== 'system'))
      for (const sample of event.samples) {
        const check = ajv.compile(bodySchema('memberstack', event.name));
        assert.ok(check(sample), `${event.name}: ${ajv.errorsText(check.errors)}`);
      }
    const unknown = await stage.api.call('GET', '/webhook-events.json?dialect=memberstak');
    assert.deepEqual([unknown.status, unknown.json.code], [422, 'dialect_unknown']);
  });
});

/** Resolves with the latest request at a path once `count` have come there. */
async function arrivalAt(stage: Stage, path: string, count = 1): Promise<Received> {
  let total = 1;
  while (stage.at(path).length < count)
    total = (await stage.receiver.waitFor(Math.max(total, stage.receiver.received.length + 1))).length;
  return stage.at(path).at(-1) ?? assert.fail();
}
