import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { type Stage, setStage } from './stage.ts';

/** The parts of the member.joined sample that filters look at. */
interface Joined {
  member: { id: string };
  plan: { id: string; billing_cycle: string };
}

for (const { name, make } of stores)
  describe(`which events an endpoint gets on ${name}`, () => {
    let stage: Stage;
    let joined: Joined;
    before(async () => {
      stage = await setStage(make);
      joined = stage.api.hookloom.catalog.types.get('member.joined')?.samples[0]?.data as Joined;
    });
    after(() => stage[Symbol.asyncDispose]());

    const publishJoined = (plan: Partial<Joined['plan']>) =>
      stage.publish('member.joined', { data: { ...joined, plan: { ...joined.plan, ...plan } } });

    it('filters: every field must match, one of its values is enough, and a type without the field never matches', async () => {
      const id = await stage.create('/filtered', {
        events: ['member.joined', 'member.banned', 'team.created'],
        filters: { plan: ['pln_gold', 'pln_silver'], billing_cycle: ['yearly'] },
      });
      const matching = [
        await publishJoined({ id: 'pln_gold', billing_cycle: 'yearly' }),
        await publishJoined({ id: 'pln_silver', billing_cycle: 'yearly' }),
      ];
      const others = [
        await publishJoined({ id: 'pln_gold', billing_cycle: 'monthly' }),
        await publishJoined({ id: 'pln_bronze', billing_cycle: 'yearly' }),
        await stage.publish('member.banned'),
        await stage.publish('team.created'),
      ];
      assert.deepEqual(
        [...matching, ...others].map((event) => event.deliveries),
        [1, 1, 0, 0, 0, 0],
      );
      await until(() => stage.at('/filtered').length === 2, 'the events that match');
      assert.deepEqual(
        stage
          .at('/filtered')
          .map((request) => request.json.id)
          .toSorted(),
        matching.map((event) => event.id).toSorted(),
      );
      await stage.patch(id, { filters: null });
      assert.equal((await stage.publish('team.created')).deliveries, 1);
      await stage.remove(id);
    });

    it("a project: its events and nobody else's, the team's own included; no project: all of them", async () => {
      const narrow = await stage.create('/project', { project_id: 'prj_1' });
      const wide = await stage.create('/team');
      const mine = await stage.publish('member.joined', { project_id: 'prj_1' });
      const other = await stage.publish('member.joined', { project_id: 'prj_2' });
      const ofTeam = await stage.publish('team.created');
      assert.deepEqual([mine.deliveries, other.deliveries, ofTeam.deliveries], [2, 1, 1]);
      await stage.deliveryIn('delivered', narrow, mine.id);
      await until(() => stage.at('/team').length === 3, 'all events');
      assert.equal(stage.at('/project').length, 1);
      await stage.remove(narrow);
      await stage.remove(wide);
    });

    it('wildcards: a family and everything, each event once, however many patterns match; never the built-in types', async () => {
      const family = await stage.create('/family', { events: ['member.*'] });
      const many = await stage.create('/many', { events: ['*', 'member.*', 'member.joined'] });
      const joinedTo = await stage.publish('member.joined');
      const teamMember = await stage.publish('team.member.joined');
      const extended = await stage.publish('member.points_balance_changed');
      assert.deepEqual([joinedTo.deliveries, teamMember.deliveries, extended.deliveries], [2, 1, 2]);
      const target = await stage.create('/target', { events: ['plan.created'] });
      assert.equal((await stage.api.call('POST', `/v1/webhook-endpoints/${target}/test`)).status, 202);
      await until(() => stage.at('/target').length === 1, 'the test');
      await until(() => stage.at('/many').length === 3 && stage.at('/family').length === 2, 'what matched');
      assert.ok(
        [...stage.at('/many'), ...stage.at('/family')].every((request) => request.json.type !== 'webhook.test'),
      );
      for (const id of [family, many, target]) await stage.remove(id);
    });
  });
