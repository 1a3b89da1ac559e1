import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Program, startProgram } from '../support/program.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Store, sqliteStore } from '../support/stores.ts';
import { until } from '../support/until.ts';

/** What n8n keeps for a workflow that is switched on. */
interface Workflow {
  id: string;
  node: string;
  webhookUrl: string;
  webhookId?: string;
  secret?: string;
}

/**
 * What MemberPass's published n8n node does, request for request: the routes, the body, the one fixed key per workflow
 * and node, which parts of the reply it reads, how it reads the signature.
 */
function n8nNode(base: string, token: string) {
  const request = async (method: string, path: string, key?: string, body?: object) => {
    const response = await fetch(`${base}/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: 'application/json',
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const text = await response.text();
    return text === '' ? {} : JSON.parse(text);
  };
  return {
    testConnection: () => request('GET', '/teams/current'),
    async activate(workflow: Workflow, events: string[], projectId?: string): Promise<void> {
      const response = await request('POST', '/webhook-subscriptions', `n8n-${workflow.id}-${workflow.node}-create`, {
        name: `n8n — ${workflow.node}`,
        url: workflow.webhookUrl,
        events,
        ...(projectId === undefined ? {} : { project_id: projectId }),
      });
      workflow.webhookId = response.data.id;
      workflow.secret = response.secret;
    },
    async deactivate(workflow: Workflow): Promise<void> {
      const key = `n8n-${workflow.node}-${workflow.webhookId}-delete`;
      await request('DELETE', `/webhook-subscriptions/${workflow.webhookId}`, key);
    },
    /** The output of the node for a request at its webhook, or null where it answers 401. */
    trigger(workflow: Workflow, headers: Record<string, string>, rawBody: string): Record<string, unknown> | null {
      const parts: Record<string, string> = {};
      for (const part of (headers['mp-signature'] ?? '').split(',')) {
        const [key = '', value = ''] = part.split('=');
        parts[key.trim()] = value.trim();
      }
      const { t = '', v1 = '' } = parts;
      const expected = createHmac('sha256', workflow.secret ?? '')
        .update(`${t}.${rawBody}`)
        .digest('hex');
      return v1 === expected ? (JSON.parse(rawBody) as Record<string, unknown>) : null;
    },
  };
}

describe("MemberPass's published n8n node, pointed at Hookloom", () => {
  let store: Store;
  let program: Program;
  let receiver: Receiver;
  let node: ReturnType<typeof n8nNode>;
  before(async () => {
    store = await sqliteStore();
    receiver = await startReceiver();
    program = await startProgram({ DATABASE_URL: store.url, HOOKLOOM_DEFAULT_DIALECT: 'memberpass' });
    // The product gives its customer a connector's token, without the ability to publish.
    const made = await program.call('POST', '/v1/tokens', { body: { name: 'n8n' } });
    node = n8nNode(program.url, made.json.token);
  });
  after(async () => {
    await program.kill();
    await receiver.close();
    await store.remove();
  });

  const at = (path: string) => receiver.received.filter((request) => request.path === path);
  const workflow = (id: string): Workflow => ({ id, node: 'MemberPass Trigger', webhookUrl: `${receiver.url}/${id}` });
  const publishJoined = async (projectId?: string) => {
    const samples = await program.call('GET', '/v1/event-types/member.joined/samples?limit=1');
    const { data, project_id } = samples.json.data[0];
    const body = { type: 'member.joined', data, project_id: projectId ?? project_id };
    const published = await program.call('POST', '/v1/webhook-events', { body });
    assert.equal(published.status, 202, published.text);
    return published.json;
  };

  it('tests its connection', async () => {
    const { data } = await node.testConnection();
    assert.equal(typeof data.id, 'string');
    assert.equal(typeof data.name, 'string');
    await assert.rejects(n8nNode(program.url, 'hkl_wrong').testConnection(), /^Error: 401/);
  });

  it('is triggered by an event in the vendor’s words, with a signature that it verifies', async () => {
    const flow = workflow('wf1');
    await node.activate(flow, ['member.joined']);
    const { data } = await publishJoined();
    await until(() => at('/wf1').length === 1, 'the delivery');
    const [request] = at('/wf1');
    assert.ok(request);
    const output = node.trigger(flow, request.headers, request.body);
    assert.ok(output, 'the node takes the signature');
    assert.equal(output.id, data.id);
    assert.equal(output.type, 'member.joined');
    assert.deepEqual((output.data as { subscriber: object }).subscriber, data.data.member);
    assert.equal(node.trigger(flow, request.headers, `${request.body} `), null);
    await node.deactivate(flow);
  });

  it('gets the events of the project that was chosen, and no others', async () => {
    const flow = workflow('wf2');
    await node.activate(flow, ['member.joined', 'member.churned'], 'prj_mine');
    assert.equal((await publishJoined('prj_other')).deliveries, 0);
    assert.equal((await publishJoined('prj_mine')).deliveries, 1);
    await until(() => at('/wf2').length === 1, 'the delivery');
    await node.deactivate(flow);
  });

  it('has a living hook each time its workflow is switched on, though it sends the same key every time', async () => {
    const flow = workflow('wf3');
    for (let round = 1; round <= 3; round += 1) {
      const { webhookId: before, secret } = flow;
      await node.activate(flow, ['member.joined']);
      assert.notEqual(flow.webhookId, before);
      assert.notEqual(flow.secret, secret);
      assert.equal((await publishJoined()).deliveries, 1);
      await until(() => at('/wf3').length === round, `the delivery of round ${round}`);
      const request = at('/wf3').at(-1) ?? assert.fail();
      assert.ok(node.trigger(flow, request.headers, request.body));
      await node.deactivate(flow);
      assert.equal((await publishJoined()).deliveries, 0);
      // Switched off twice, as n8n does when it cleans up.
      await node.deactivate(flow);
    }
  });

  it('gets one hook, and the same secret, when a reply was lost and it asks again', async () => {
    const flow = workflow('wf4');
    await node.activate(flow, ['member.joined']);
    const { webhookId, secret } = flow;
    await node.activate(flow, ['member.joined']);
    assert.deepEqual([flow.webhookId, flow.secret], [webhookId, secret]);
    assert.equal((await publishJoined()).deliveries, 1);
    await node.deactivate(flow);
  });

  it('has a living hook again after its receiver answered 410 and the hook was removed', async () => {
    const flow = workflow('wf5');
    await node.activate(flow, ['member.joined']);
    receiver.answer = (_, response) => response.writeHead(410).end();
    await publishJoined();
    const isGone = async () => (await program.call('GET', `/v1/webhook-endpoints/${flow.webhookId}`)).status === 404;
    await until(isGone, 'the hook to be removed');
    receiver.answer = (_, response) => response.writeHead(204).end();
    await node.activate(flow, ['member.joined']);
    assert.equal((await publishJoined()).deliveries, 1);
    await until(() => at('/wf5').length === 2, 'the delivery');
    await node.deactivate(flow);
  });
});
