import { describe, expect, it } from '@jest/globals';
import type { InspectAnswer } from '../../../jobs/redis/inspect-request.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { planningHere } from '../../../openstack/upgrade/planning.ts';
import { planFromRequest } from '../../../openstack/upgrade/plan.ts';
import { pretendTools, requestedAt } from '../../support/openstack/upgrade-tools.ts';
import { largeCloud } from '../clouds-today.ts';
import { inspectAnswers } from '../inspect-answers.ts';

const cloud = largeCloud('caracal', 'noble', 3);

/** Plans to Epoxy where apt answers so on each host. */
async function planned(said: (host: string) => InspectAnswer[string]) {
  const { tools, asked } = pretendTools();
  const look = async (id: string, request: Parameters<typeof tools.look>[1]) => {
    await tools.look(id, request);
    return id.endsWith('-apt')
      ? Object.fromEntries(Object.keys(request.hosts).map((host) => [host, said(host)]))
      : inspectAnswers(() => ({ stdout: '' }), cloud);
  };
  const request = { id: 'a1b2c3', by: 'UANN', at: requestedAt, cloud, series: 'epoxy' };
  // Its schemas were not looked at.
  const plan: typeof planUpgrade = (wish) =>
    planUpgrade({ ...wish, facts: { ...wish.facts, databases: {} } });
  const made = await planFromRequest(request, {
    ...tools,
    look,
    planning: planningHere(tools.knowledge, plan),
  });
  return { ...made, asked };
}

const answer = (stdout: string): InspectAnswer[string] => ({
  outputs: [{ exit: 0, stdout, stderr: '' }],
});
const nova = (to: string): string =>
  `is nova nova-api 3:29.2.0-0\nmove Inst nova-api [3:29.2.0-0] (3:${to} x [all])\nend\n`;

describe('what apt says before a plan', () => {
  it('is asked once of each host that the first hop moves, and promised in the plan', async () => {
    const { plan, asked } = await planned(() => answer(nova('31.0.0-0')));

    expect(asked).toEqual(['a1b2c3', 'a1b2c3-apt']);
    expect(plan.steps[0]?.notes).toContainEqual(
      expect.stringMatching(
        /^ctl1, ctl2, ctl3, .*: apt brings nova 3:29.2.0-0 -> 3:31.0.0-0; 1 package/,
      ),
    );
    const promises = plan.steps
      .filter(({ kind }) => kind === 'package' || kind === 'package-forecast')
      .map(({ params }) => (params as { expects?: string[] }).expects);
    expect(promises.length).toBeGreaterThan(1);
    for (const one of promises) expect(one).toEqual(['nova-api=3:31.0.0-0']);
  });

  it.each([
    [
      'a service of another release',
      nova('32.0.0-0'),
      'MixedOffer',
      /nova-api would be 3:32.0.0-0, which is not Epoxy/,
    ],
    ['no way', 'refused Unmet dependencies.\nend\n', 'UpgradeImpossible', /Unmet dependencies/],
    [
      'a pin',
      'is nova nova-api 3:29.2.0-0\npinned nova-api nova 3:31.0.0-0\nend\n',
      'MixedOffer',
      /pinned; 3:31.0.0-0 is offered/,
    ],
  ])('refuses the plan for %s on one host alone', async (_what, said, name, why) => {
    const refused = planned((host) => answer(host === 'ctl2' ? said : nova('31.0.0-0')));

    await expect(refused).rejects.toMatchObject({ name, message: expect.stringMatching(why) });
    await expect(refused).rejects.toThrow(/: on ctl2: /);
  });

  it('is planned as a mix where an upgrade path leads each service to where apt brings it', async () => {
    const keystone = (to: string): string =>
      `is keystone keystone 2:25.0.0-0\nmove Inst keystone [2:25.0.0-0] (2:${to} x [all])\n`;
    const on = (to: string) =>
      planned((host) => answer(`${host.startsWith('ctl') ? keystone(to) : ''}${nova('31.0.0-0')}`));
    const { plan, runbook } = await on('26.0.0-0');

    expect(plan.steps[0]?.notes).toContainEqual(
      expect.stringMatching(
        /^The archive is of .*: keystone goes to Dalmatian, .*nova.* to Epoxy\./,
      ),
    );
    expect(plan.steps[0]?.notes).toContainEqual(
      expect.stringMatching(/keystone 2:25.0.0-0 -> 2:26.0.0-0, nova 3:29.2.0-0 -> 3:31.0.0-0/),
    );
    expect(runbook.overview.join()).toContain('keystone goes to Dalmatian');
    const syncs = plan.steps.filter(({ kind }) => kind === 'schema-sync');
    const ends = Object.fromEntries(
      syncs.map(({ service = '', params }) => [service, (params as { series: string }).series]),
    );
    expect(ends).toMatchObject({ keystone: 'dalmatian', nova: 'epoxy', neutron: 'epoxy' });
    const asked = plan.steps.find(({ kind }) => kind === 'package-forecast');
    expect(asked?.params).toMatchObject({
      wants: expect.arrayContaining([
        expect.objectContaining({ source: 'keystone', release: 'Dalmatian' }),
        expect.objectContaining({ source: 'nova', release: 'Epoxy' }),
      ]),
    });

    // From Caracal no hop leads to Flamingo.
    await expect(on('28.0.0-0')).rejects.toThrow(
      /: on ctl1, ctl2, ctl3: .*keystone would be 2:28.0.0-0, which is not Epoxy/,
    );
  });

  it('refuses a mix of which hosts have different ones', async () => {
    const on = planned((host) =>
      answer(
        `is keystone keystone 2:25.0.0-0\nmove Inst keystone [2:25.0.0-0] (2:${host === 'ctl2' ? '26' : '27'}.0.0-0 x [all])\nend\n`,
      ),
    );

    await expect(on).rejects.toThrow(
      /: on ctl2: .*keystone would be 2:26.0.0-0, which is not Epoxy/,
    );
  });

  it('is said to be unknown of a host that cannot tell, and left to the step of the plan', async () => {
    const problem = { message: 'reaching cmp01: no answer', hint: 'Look at its console.' };
    const { plan } = await planned((host) =>
      host === 'cmp01' ? { problem } : answer(nova('31.0.0-0')),
    );

    expect(plan.steps[0]?.notes).toContainEqual(
      expect.stringMatching(
        /^cmp01: what apt will bring is not known yet \(reaching cmp01: no answer\)/,
      ),
    );
    const asks = plan.steps.filter(({ kind }) => kind === 'package-forecast');
    expect(asks.find(({ hosts }) => hosts.includes('cmp01'))?.params).not.toHaveProperty('expects');
  });
});
