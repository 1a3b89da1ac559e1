import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import type { Envelope } from '../../server/catalog/types.ts';
import { type Clock, systemClock } from '../../server/clock.ts';
import { standard } from '../../server/delivery/dialect/standard.ts';
import { type Api, startApi } from '../http/api.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { verifyLikeQuickstart, verifyMemberPass } from './memberpass-receiver.ts';

const DAY_MS = 24 * 3600 * 1000;

/** The system's clock, which a test may put forward. */
function movableClock(): Clock & { forward(ms: number): void } {
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    after: systemClock.after,
    forward(ms) {
      ahead += ms;
    },
  };
}

describe('signatures', () => {
  const clock = movableClock();
  let api: Api;
  let receiver: Receiver;
  before(async () => {
    api = await startApi({ clock });
    receiver = await startReceiver();
  });
  after(async () => {
    await receiver.close();
    await api[Symbol.asyncDispose]();
  });

  const at = (path: string) => receiver.received.filter((request) => request.path === path);
  const create = async (path: string, dialect: string) => {
    const body = { url: `${receiver.url}${path}`, events: ['*'], dialect };
    const { json } = await api.call('POST', '/v1/webhook-endpoints', { body });
    return { id: json.data.id as string, secret: json.secret as string };
  };
  const remove = (id: string) => api.call('DELETE', `/v1/webhook-endpoints/${id}`);
  const samples = () =>
    [...api.hookloom.catalog.types.values()]
      .filter((type) => type.publishable)
      .flatMap((type) => type.samples[0] ?? []);
  const publish = async ({ type, data, project_id }: Envelope): Promise<Envelope> => {
    const body = { type, data, ...(project_id === null ? {} : { project_id }) };
    const answer = await api.call('POST', '/v1/webhook-events', { body });
    assert.equal(answer.status, 202, answer.text);
    return answer.json.data;
  };
  const joined = () => samples().find((sample) => sample.type === 'member.joined') ?? assert.fail();
  /** Publishes one event and hands over how it arrived. */
  const arrival = async (path: string): Promise<Received> => {
    const { id } = await publish(joined());
    const found = () => at(path).find((request) => request.json.id === id);
    await until(() => found() !== undefined, 'the event to arrive');
    return found() ?? assert.fail();
  };
  const rotate = async (id: string, body?: object): Promise<string> => {
    const answer = await api.call('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, { body });
    assert.equal(answer.status, 200);
    return answer.json.secret;
  };

  it('of the standard dialect match the vector that its specification publishes', () => {
    for (const secret of ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])
      assert.deepEqual(
        standard.headers({
          eventId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
          eventName: 'any',
          signature: null,
          timestamp: 1614265330,
          body: '{"test": 2432232314}',
          secrets: [secret],
        }),
        {
          'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
          'webhook-timestamp': '1614265330',
          'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
      );
  });

  it('of every event type, on every attempt, are verified by standardwebhooks and by svix', async () => {
    // Each first attempt fails, so that there is a second one of everything.
    const tried = new Set<string>();
    receiver.answer = ({ json }, response) => response.writeHead(tried.has(json.id) ? 204 : 500).end();
    const endpoint = await create('/standard', 'standard');
    const events = await Promise.all(samples().map(publish));
    await until(() => at('/standard').length === events.length, 'every first attempt');
    for (const { id } of events) tried.add(id);
    await retryAll(api, endpoint.id, events.length);
    await until(() => at('/standard').length === 2 * events.length, 'every second attempt');

    const published = new Map(events.map((event) => [event.id, JSON.stringify(event)]));
    for (const request of at('/standard')) {
      assert.deepEqual(new Webhook(endpoint.secret).verify(request.body, request.headers), request.json);
      assert.deepEqual(new SvixWebhook(endpoint.secret).verify(request.body, request.headers), request.json);
      assert.equal(request.headers['webhook-id'], request.json.id);
      assert.equal(request.body, published.get(request.json.id), 'what is delivered is what was answered');
      assert.throws(() => new Webhook(endpoint.secret).verify(`${request.body} `, request.headers));
    }
    assert.equal(new Set(at('/standard').map((request) => request.body)).size, events.length);
    await remove(endpoint.id);
  });

  it('of the MemberPass dialect are verified by receivers written for that vendor, with its headers and its keys', async () => {
    // Twenty failures in a row would disable it.
    receiver.answer = (_, response) => response.writeHead(204).end();
    const endpoint = await create('/memberpass', 'memberpass');
    const { catalog } = api.hookloom;
    const known = [...catalog.types.values()].filter((type) => type.aliases.memberpass).map(({ name }) => name);
    const events = await Promise.all(samples().map(publish));
    const offered = events.filter(({ type }) => known.includes(type)).map(({ id }) => id);
    await until(() => at('/memberpass').length >= offered.length, 'every event that the vendor has');
    assert.deepEqual(
      at('/memberpass')
        .map(({ json }) => json.id)
        .sort(),
      offered.sort(),
      'and no other',
    );
    for (const request of at('/memberpass')) {
      const { headers, json } = request;
      assert.equal(verifyMemberPass(request, endpoint.secret), 'v1');
      assert.ok(verifyLikeQuickstart(request, endpoint.secret));
      assert.equal(verifyMemberPass({ headers, body: request.body.replace('"', "'") }, endpoint.secret), null);
      assert.match(headers['mp-signature'] ?? '', /^t=\d+,v1=[0-9a-f]{64}$/);
      assert.match(json.id, /^evt_[0-9A-HJKMNP-TV-Z]{26}$/);
      assert.equal(headers['mp-event-id'], json.id.slice('evt_'.length));
      assert.equal(headers['mp-event-name'], json.type);
      assert.equal(headers['content-type'], 'application/json');
      assert.match(headers['user-agent'] ?? '', /^Hookloom\//);
      assert.deepEqual(Object.keys(json), ['id', 'type', 'created_at', 'api_version', 'project_id', 'data']);
      assert.equal(headers['webhook-signature'], undefined);
    }
    const { data } = joined();
    const { member, ...rest } = data as Record<string, Record<string, unknown>>;
    const { member_id, ...subscription } = rest.subscription ?? {};
    const received = at('/memberpass').find((request) => request.json.type === 'member.joined');
    assert.deepEqual(received?.json.data, {
      subscriber: member,
      ...rest,
      subscription: { ...subscription, subscriber_id: member_id },
      access_code: null,
    });
    await remove(endpoint.id);
  });

  it("of a publisher's own id carry it in MP-Event-Id as it stands", async () => {
    const endpoint = await create('/own-id', 'memberpass');
    const { type, data, project_id } = joined();
    await api.call('POST', '/v1/webhook-events', { body: { id: 'join-4711', type, data, project_id } });
    await until(() => at('/own-id').length === 1, 'the event');
    assert.equal(at('/own-id')[0]?.headers['mp-event-id'], 'join-4711');
    await remove(endpoint.id);
  });

  it('are made with both secrets for 24 hours after a rotation: the standard dialect sends two, the new one first', async () => {
    const { id, secret: old } = await create('/rotated', 'standard');
    const fresh = await rotate(id);
    const during = await arrival('/rotated');
    assert.match(during.headers['webhook-signature'] ?? '', /^v1,\S{44} v1,\S{44}$/);
    for (const secret of [fresh, old]) {
      new Webhook(secret).verify(during.body, during.headers);
      new SvixWebhook(secret).verify(during.body, during.headers);
    }
    assert.equal(during.headers['webhook-signature']?.split(' ')[0], signed(fresh, during));
    clock.forward(DAY_MS - 60_000);
    const late = await arrival('/rotated');
    assert.equal(late.headers['webhook-signature'], `${signed(fresh, late)} ${signed(old, late)}`);
    clock.forward(61_000);
    const over = await arrival('/rotated');
    assert.equal(over.headers['webhook-signature'], signed(fresh, over));
    await remove(id);
  });

  it('are made with both secrets for 24 hours after a rotation: MemberPass receivers find v1 second and the old one in v0', async () => {
    const { id, secret: old } = await create('/rotated-mp', 'memberpass');
    const fresh = await rotate(id);
    const during = await arrival('/rotated-mp');
    assert.match(during.headers['mp-signature'] ?? '', /^t=\d+,v1=[0-9a-f]{64},v0=[0-9a-f]{64}$/);
    assert.equal(verifyMemberPass(during, fresh, clock.now()), 'v1');
    assert.equal(verifyMemberPass(during, old, clock.now()), 'v0');
    assert.ok(verifyLikeQuickstart(during, fresh));
    clock.forward(DAY_MS);
    const over = await arrival('/rotated-mp');
    assert.match(over.headers['mp-signature'] ?? '', /^t=\d+,v1=[0-9a-f]{64}$/);
    assert.equal(verifyMemberPass(over, fresh, clock.now()), 'v1');
    assert.equal(verifyMemberPass(over, old, clock.now()), null);
    await remove(id);
  });

  it('are made with the new secret alone when the rotation says that the old one is worth nothing any more', async () => {
    const { id } = await create('/leaked', 'standard');
    await arrival('/leaked');
    const fresh = await rotate(id, { old_secret_valid_for: 0 });
    const next = await arrival('/leaked');
    assert.equal(next.headers['webhook-signature'], signed(fresh, next));
    await remove(id);
  });
});

/** What the published library signs for a delivery. */
function signed(secret: string, { headers, body }: Received): string {
  const timestamp = new Date(Number(headers['webhook-timestamp']) * 1000);
  return new Webhook(secret).sign(headers['webhook-id'] ?? '', timestamp, body);
}

/** Waits until `count` deliveries of an endpoint have failed once, and makes each of them due now. */
async function retryAll({ call }: Api, endpointId: string, count: number): Promise<void> {
  const failed = async () =>
    (await call('GET', `/v1/webhook-deliveries?endpoint_id=${endpointId}&status=failed&limit=100`)).json.data as {
      id: string;
    }[];
  await until(async () => (await failed()).length === count, `${count} failed deliveries`);
  for (const { id } of await failed())
    assert.equal((await call('POST', `/v1/webhook-deliveries/${id}/retry`)).status, 202);
}
