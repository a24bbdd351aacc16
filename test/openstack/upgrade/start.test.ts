import { describe, expect, it } from '@jest/globals';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { composePlan } from '../../../jobs/run/compose.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import type { StartRequest } from '../../../openstack/upgrade/requests.ts';
import { openUpgrades } from '../../../openstack/upgrade/upgrade.ts';
import { inspectAnswers } from '../inspect-answers.ts';
import {
  requestedAt,
  toolsCloud,
  pretendTools,
  productionCloud,
  pretendRunbook,
} from '../../support/openstack/upgrade-tools.ts';

const request = (rest: Partial<StartRequest> = {}): StartRequest => ({
  id: 'a1b2c3d4e5f6a7b8',
  by: 'UANN',
  at: requestedAt,
  cloud: toolsCloud,
  series: 'liberty',
  ...rest,
});

const plan = composePlan(toolsCloud, pretendRunbook, 'openstack:liberty');
const rehearsed: RunEvent[] = [
  {
    type: 'RunRequested',
    at: requestedAt,
    run: 'aaa111',
    by: 'UANN',
    plan,
    planHash: planHash(plan),
  },
  { type: 'RunEnded', at: requestedAt, outcome: 'succeeded' },
  { type: 'RollbackRequested', at: requestedAt, by: 'UANN', to: 'stop' },
  { type: 'RunEnded', at: requestedAt, outcome: 'rolledBack' },
];

describe('starting an upgrade', () => {
  it('looks and plans afresh, and starts a run of just that plan', async () => {
    const { tools, asked, created } = pretendTools();

    const run = await openUpgrades(tools).start(request());

    expect(asked).toEqual(['a1b2c3d4e5f6a7b8']);
    expect(created).toEqual([run.plan]);
    expect(run).toMatchObject({ requestedBy: 'UANN', requestedAt: requestedAt });
  });

  it('says that hosts are about to be looked at before it looks', async () => {
    const { tools, asked } = pretendTools();
    const before: number[] = [];

    await openUpgrades(tools).start(request({ onLook: async () => before.push(asked.length) }));

    expect(before).toEqual([0]);
  });

  it('does not begin on what nobody saw', async () => {
    const { cmp1: _away, ...others } = inspectAnswers();
    const problem = { message: 'reaching cmp1: no answer', hint: 'Look at its console.' };
    const silent = pretendTools({ ...others, cmp1: { problem } });
    const denied = pretendTools(
      inspectAnswers((_host, line) =>
        line.includes('.cnf')
          ? { exit: 1, stderr: 'ERROR 1045 (28000): Access denied' }
          : undefined,
      ),
    );

    await expect(openUpgrades(silent.tools).start(request())).rejects.toMatchObject({
      name: 'HostsSilent',
      hint: 'Look at its console.',
    });
    await expect(openUpgrades(denied.tools).start(request())).rejects.toMatchObject({
      name: 'SchemaUnseen',
      message: expect.stringContaining('the schema of database keystone is not known: ERROR 1045'),
    });
    expect([...silent.created, ...denied.created]).toEqual([]);
  });

  it('starts what was asked for long ago only where it had started it already', async () => {
    const { tools, created } = pretendTools();
    const late = { ...tools, now: () => '2026-11-22T02:05:01.000Z' };

    await expect(openUpgrades(late).start(request())).rejects.toMatchObject({ name: 'Overdue' });
    const run = await openUpgrades(tools).start(request());
    expect((await openUpgrades(late).start(request())).id).toBe(run.id);
    expect(created).toHaveLength(1);
  });
});

describe('starting an upgrade of a production cloud', () => {
  it('wants a rehearsal', async () => {
    const { tools, created } = pretendTools();
    const starting = openUpgrades(tools).start(request({ cloud: productionCloud }));

    await expect(starting).rejects.toBeInstanceOf(OperatorError);
    await expect(starting).rejects.toMatchObject({
      name: 'NotRehearsed',
      message:
        'starting an upgrade of production cloud example-juno: this plan never ran on a verification cloud',
    });
    expect(created).toEqual([]);
  });

  it('starts with one', async () => {
    const { tools, created } = pretendTools(inspectAnswers(), { aaa111: rehearsed });

    await openUpgrades(tools).start(request({ cloud: productionCloud }));

    expect(created).toMatchObject([{ steps: [{ gate: 1, notes: ['It is down.'] }] }]);
  });

  it('starts without one for a reason, with the most approvals that the cloud asks for of any step', async () => {
    const { tools, created } = pretendTools();

    await openUpgrades(tools).start(
      request({ cloud: productionCloud, unrehearsed: 'The lab burnt down' }),
    );

    expect(created).toMatchObject([
      {
        steps: [
          {
            gate: 2,
            notes: [
              'Not rehearsed: this plan never ran on a verification cloud. Started all the same, because: The lab burnt down',
              'It is down.',
            ],
          },
        ],
      },
    ]);
  });

  it('does not start what can never be approved', async () => {
    const { tools, created } = pretendTools(inspectAnswers(), { aaa111: rehearsed });
    const access = { ...productionCloud.access, approvers: ['UANN'], engineers: ['UANN', 'UBEN'] };

    await expect(
      openUpgrades(tools).start(request({ cloud: { ...productionCloud, access } })),
    ).rejects.toMatchObject({
      message: expect.stringContaining('needs 1 approval, and on example-juno nobody can give it'),
    });
    expect(created).toEqual([]);
  });

  it('needs none on a verification cloud, whatever reason is given', async () => {
    const { tools, created } = pretendTools();

    await openUpgrades(tools).start(request({ unrehearsed: 'why not' }));

    expect(created).toMatchObject([{ steps: [{ gate: 1, notes: ['It is down.'] }] }]);
  });
});
