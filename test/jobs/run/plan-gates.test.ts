import { describe, expect, it } from '@jest/globals';
import { pretendCloud, checkStep, planned, thrown } from '../../support/openstack/planned.ts';
import { refuseUngiven } from '../../../jobs/run/compose.ts';

const oneWay = { ...checkStep, params: { run: ['true'] } };

const gates = (steps: readonly object[], approvals?: object): (number | undefined)[] =>
  planned(steps, approvals === undefined ? {} : { approvals }).steps.map(({ gate }) => gate);

describe('gates', () => {
  it('stand before the first step, whatever it says', () => {
    expect(gates([{}, {}])).toEqual([1, undefined]);
    expect(gates([{ approval: false }, {}])).toEqual([1, undefined]);
  });

  it('stand before each step that asks for one', () => {
    expect(gates([{}, { approval: true }, {}, { approval: 2 }])).toEqual([1, 1, undefined, 2]);
  });

  it('stand before a one-way step, unless it says that none is needed', () => {
    expect(gates([{}, oneWay, {}])).toEqual([1, 1, undefined]);
    expect(gates([{}, { ...oneWay, approval: false }])).toEqual([1, undefined]);
  });

  it('need as many as the most demanding step behind them', () => {
    expect(gates([{}, {}, { approval: true }, {}], { reversible: 2 })).toEqual([
      2,
      undefined,
      2,
      undefined,
    ]);
    const risky = { oneWay: 3 };
    expect(gates([{}, { ...oneWay, approval: false }, {}], risky)).toEqual([
      3,
      undefined,
      undefined,
    ]);
    expect(gates([{}, { ...oneWay, approval: 1 }, {}], risky)).toEqual([1, 3, undefined]);
    expect(gates([{}, { approval: 2 }, { ...oneWay, approval: false }], risky)).toEqual([
      1,
      3,
      undefined,
    ]);
  });

  it('refuses more approvals than there are approvers, and says what to do', () => {
    expect(thrown(() => planned([{}, { approval: 4 }]))).toMatchObject({
      name: 'TooFewApprovers',
      message:
        'step s1 needs 4 approvals, and on staging at most 3 can come together: its approvers are U0BEN, U0CHIE, U0DAN, and nobody approves a run of their own',
      hint: expect.stringMatching(
        /access\.approvers in staging\.yaml.* under approval of the step/,
      ),
    });
  });

  it('counts whoever starts the run out', () => {
    const { steps } = planned([{ approval: 3 }]);

    expect(thrown(() => refuseUngiven(steps, pretendCloud(), ['U0ANN']))).toBeUndefined();
    expect(thrown(() => refuseUngiven(steps, pretendCloud(), ['U0BEN']))).toMatchObject({
      message: expect.stringContaining('at most 2 can come together'),
    });
  });
});
