import assert from 'node:assert/strict';
import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { verify as verifyGithub } from '@octokit/webhooks-methods';
import Stripe from 'stripe';
import { type Stage, setStage } from '../product/stage.ts';
import type { Received } from '../support/receiver.ts';
import { until } from '../support/until.ts';

describe('how an endpoint wants its deliveries signed', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage[Symbol.asyncDispose]());

  const make = (path: string, dialect: string, signature: object | undefined) =>
    stage.api.call('POST', '/v1/webhook-endpoints', {
      body: { url: stage.receiver.url + path, dialect, events: ['*'], ...(signature && { signature }) },
    });
  const next = async (path: string): Promise<Received> => {
    const before = stage.at(path).length;
    await stage.publish('team.created');
    await until(() => stage.at(path).length > before, `a request at ${path}`);
    return stage.at(path).at(-1) ?? assert.fail();
  };

  it('as Stripe signs: its own library takes it, during a rotation with either secret', async () => {
    const made = (await make('/stripe', 'custom', { preset: 'stripe' })).json;
    const { webhooks } = new Stripe('sk_test_x');
    const check = ({ body, headers }: Received, secret: string) =>
      webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
    check(await next('/stripe'), made.secret);
    const rotated = await stage.api.call('POST', `/v1/webhook-endpoints/${made.data.id}/rotate-secret`, { body: {} });
    const request = await next('/stripe');
    for (const secret of [made.secret, rotated.json.secret]) check(request, secret);
    assert.throws(() => check(request, 'whsec_other'));
  });

  it('as GitHub signs: its own library takes it', async () => {
    const made = (await make('/github', 'custom', { preset: 'github' })).json;
    const { body, headers, json } = await next('/github');
    assert.ok(await verifyGithub(made.secret, body, headers['x-hub-signature-256'] ?? ''));
    assert.ok(!(await verifyGithub('other', body, headers['x-hub-signature-256'] ?? '')));
    assert.deepEqual([headers['x-github-event'], headers['x-github-delivery']], ['team.created', json.id]);
  });

  it('in headers of its own names, with ed25519 and a public key that can be read again', async () => {
    const own = {
      header: 'X-Sig',
      timestamp_header: 'X-Time',
      scheme: 'timestamp.body',
      encoding: 'base64',
      prefix: 'v0=',
    };
    assert.deepEqual((await make('/own', 'custom', own)).json.data.signature, own);
    const { headers } = await next('/own');
    assert.match(headers['x-sig'] ?? '', /^v0=[A-Za-z0-9+/]{43}=$/);
    assert.match(headers['x-time'] ?? '', /^\d{10}$/);

    const made = (await make('/asymmetric', 'standard', { algorithm: 'ed25519' })).json;
    assert.ok(made.data, JSON.stringify(made));
    const { public_key: key } = made.data;
    assert.match(key, /^whpk_[A-Za-z0-9+/]{43}=$/);
    assert.equal(made.secret, key, 'the private key is shown to nobody');
    const first = await next('/asymmetric');
    assert.deepEqual(verified(first, [key]), [true]);
    const rotated = await stage.api.call('POST', `/v1/webhook-endpoints/${made.data.id}/rotate-secret`, { body: {} });
    const second = await next('/asymmetric');
    assert.deepEqual(verified(second, [rotated.json.data.public_key, key]), [true, true]);
    assert.deepEqual(verified({ ...second, body: `${second.body} ` }, [key, key]), [false, false]);
  });

  it('cannot be what its dialect does not know, or what cannot be sent', async () => {
    for (const [dialect, signature, pointer] of [
      ['standard', { header: 'X-Sig' }, '/signature/header'],
      ['memberpass', { encoding: 'base64' }, '/signature/encoding'],
      ['custom', { algorithm: 'ed25519' }, '/signature/algorithm'],
      ['custom', { header: 'Content-Length' }, '/signature/header'],
      ['custom', { id_header: 'Webhook-Id' }, '/signature/id_header'],
    ] as const) {
      const { status, json } = await make('/refused', dialect, signature);
      assert.deepEqual([status, json.code, json.errors[0].pointer], [422, 'signature_refused', pointer]);
    }
  });
});

/** Which of a delivery's signatures belong to these public keys, in their order. */
function verified({ headers, body }: Received, keys: string[]): boolean[] {
  const content = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const signatures = (headers['webhook-signature'] ?? '').split(' ').map((one) => one.split(',')[1] ?? '');
  return keys.map((text, index) => {
    const x = Buffer.from(text.slice('whpk_'.length), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verifyEd25519(null, content, key, Buffer.from(signatures[index] ?? '', 'base64'));
  });
}
