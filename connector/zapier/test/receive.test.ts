import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { loadCatalog } from '../../../server/catalog/load.ts';
import { createApp } from '../src/app.ts';
import { asZapierHandsOn } from './support/as-zapier-hands-on.ts';
import { runMethod, type TestBundle } from './support/run-app.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

const { document } = loadCatalog('test/fixtures/parcels.json');
const app = createApp(document);
const event = document.events.find((eventType) => eventType.name === 'depot.opened')?.samples[0];

/** A delivery signed by the published library, `ageSeconds` ago. */
function delivery({ body = JSON.stringify(event), secrets = [SECRET], ageSeconds = 0 } = {}) {
  const at = new Date(Date.now() - ageSeconds * 1000);
  const id = String(event?.id);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    },
  };
}

const perform = (bundle: TestBundle) => runMethod<unknown[]>(app, 'triggers.depot_opened.operation.perform', bundle);
const hook = { id: 'ep_1', secret: SECRET };

describe('a delivery', () => {
  test('that the server signed is the event, exactly as it was sent', async () => {
    const performed = await perform({ ...asZapierHandsOn(delivery()), subscribeData: hook });
    assert.equal(JSON.stringify(performed), JSON.stringify([event]), 'and without the querystring that Zapier adds');
  });

  test('is taken whatever the case of its headers', async () => {
    for (const name of [(text: string) => text.toUpperCase(), (text: string) => text.toLowerCase()]) {
      const bundle = asZapierHandsOn(delivery());
      const headers = Object.entries(bundle.rawRequest?.headers ?? {}).map(([key, value]) => [name(key), value]);
      const rawRequest = { ...bundle.rawRequest, headers: Object.fromEntries(headers) };
      assert.equal((await perform({ ...bundle, rawRequest, subscribeData: hook })).length, 1);
    }
  });

  test('is taken when one of two secrets of a rotation signed it, in either order', async () => {
    for (const secrets of [
      [SECRET, OLD_SECRET],
      [OLD_SECRET, SECRET],
    ])
      assert.equal((await perform({ ...asZapierHandsOn(delivery({ secrets })), subscribeData: hook })).length, 1);
  });

  test('is taken however long Zapier held it', async () => {
    const held = asZapierHandsOn(delivery({ ageSeconds: 86_400 }));
    assert.equal((await perform({ ...held, subscribeData: hook })).length, 1);
  });

  test('of another event type, such as the server’s test event, does not run the Zap', async () => {
    const body = JSON.stringify({ ...event, type: 'webhook.test' });
    assert.deepEqual(await perform({ ...asZapierHandsOn(delivery({ body })), subscribeData: hook }), []);
  });
});

describe('refused, without counting against the Zap, is a delivery', () => {
  const refused: Record<string, () => TestBundle> = {
    'with a tampered body': () => {
      const { headers, body } = delivery();
      return asZapierHandsOn({ headers, body: body.replace('Bergen', 'Berlin') });
    },
    'signed with another secret': () => asZapierHandsOn(delivery({ secrets: [OLD_SECRET] })),
    'without any signature': () => asZapierHandsOn(delivery({ secrets: [] })),
    'with a signature of another scheme alone': () => {
      const { headers, body } = delivery();
      return asZapierHandsOn({
        body,
        headers: { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v2,') },
      });
    },
    'with a signature that is cut short': () => {
      const { headers, body } = delivery();
      return asZapierHandsOn({
        body,
        headers: { ...headers, 'webhook-signature': headers['webhook-signature'].slice(0, 20) },
      });
    },
    'under another event id': () => {
      const { headers, body } = delivery();
      return asZapierHandsOn({ body, headers: { ...headers, 'webhook-id': 'evt_other' } });
    },
    'with another timestamp': () => {
      const { headers, body } = delivery();
      return asZapierHandsOn({ body, headers: { ...headers, 'webhook-timestamp': '1' } });
    },
    'without its raw body': () => {
      const { rawRequest, ...rest } = asZapierHandsOn(delivery());
      return { ...rest, rawRequest: { headers: rawRequest?.headers ?? {} } };
    },
    'without its headers': () => ({ cleanedRequest: event, rawRequest: { content: JSON.stringify(event) } }),
  };
  for (const [what, bundle] of Object.entries(refused)) {
    test(what, () => assert.rejects(perform({ ...bundle(), subscribeData: hook }), { name: 'HaltedError' }));
  }
});

describe('an error, for the user to see, is a Zap', () => {
  for (const [what, subscribeData] of Object.entries({
    'without what subscribing returned': {},
    'without a secret': { id: 'ep_1' },
    'with an empty secret': { id: 'ep_1', secret: '' },
  })) {
    test(what, () =>
      assert.rejects(perform({ ...asZapierHandsOn(delivery()), subscribeData }), {
        name: 'AppError',
        message: /MissingSecret/,
      }),
    );
  }

  test('with a secret of no bytes', () =>
    assert.rejects(perform({ ...asZapierHandsOn(delivery()), subscribeData: { id: 'ep_1', secret: 'whsec_' } })));
});
