import { describe, expect, it } from '@jest/globals';
import { planLeaving } from '../../../jobs/reading/leaving.ts';
import { partLikeness } from '../../../jobs/reading/likeness.ts';
import { type ReadPart, readPlan } from '../../../jobs/reading/reading.ts';
import { changeTotals } from '../../../jobs/reading/totals.ts';
import { planned } from '../../support/openstack/planned.ts';
import { step } from '../../support/runs/events.ts';
import * as e from '../../support/runs/events.ts';

const turn = (host: string, suite: string, more: readonly object[] = []) => [
  { kind: 'service', on: host, params: { name: 'nova-compute', state: 'stopped' }, approval: true },
  ...more,
  {
    kind: 'repository',
    on: host,
    params: { name: 'cloud', uri: 'http://a.example/', suite, components: ['main'] },
  },
  { kind: 'package', on: host, params: { upgrade: 'full' } },
  { kind: 'service', on: host, params: { name: 'nova-compute', state: 'started' } },
  { kind: 'check', on: 'ctl1', params: { http: { url: `http://${host}:80/` } } },
];

const likeness = (...steps: object[]) => {
  const { parts } = readPlan(planned(steps));
  const last = parts.at(-1);
  const found = partLikeness(last as ReadPart, parts.slice(0, -1));
  return found && { ...found, own: found.own.map(says), missing: found.missing.map(says) };
};
const says = ({ deed }: { readonly deed: { readonly says: string } }): string => deed.says;

describe('a part', () => {
  it('is like an earlier one that does the same on another host', () => {
    expect(likeness(...turn('cmp1', 'x/zed'), ...turn('cmp2', 'x/zed'))).toEqual({
      from: 1,
      to: 5,
      own: [],
      missing: [],
    });
  });

  it('tells what is its own, and what it lacks', () => {
    const more = [{ kind: 'command', on: 'cmp2', params: { run: ['rm', '/etc/x'], undo: [] } }];

    expect(likeness(...turn('cmp1', 'x/zed'), ...turn('cmp2', 'x/antelope', more))).toEqual({
      from: 1,
      to: 5,
      own: ['run rm /etc/x', 'switch apt to x/antelope'],
      missing: ['switch apt to x/zed'],
    });
  });

  it('is like none that has little in common with it', () => {
    expect(
      likeness(...turn('cmp1', 'x/zed'), {
        kind: 'package',
        on: 'cmp1',
        params: { upgrade: 'full' },
        approval: true,
      }),
    ).toBeUndefined();
  });
});

describe('totals', () => {
  it('count things by what becomes of them, with the hosts, and steps that only look', () => {
    const { steps } = readPlan(planned([...turn('cmp1', 'x/zed'), ...turn('cmp2', 'x/zed')]));

    expect(changeTotals(steps)).toEqual({
      looks: 2,
      changes: [
        { what: 'stop', names: ['nova-compute'], hosts: ['cmp1', 'cmp2'] },
        { what: 'source', names: ['http://a.example/ x/zed main'], hosts: ['cmp1', 'cmp2'] },
        { what: 'write', names: ['/etc/apt/sources.list.d/cloud.list'], hosts: ['cmp1', 'cmp2'] },
        { what: 'package', names: ['every package'], hosts: ['cmp1', 'cmp2'] },
        { what: 'start', names: ['nova-compute'], hosts: ['cmp1', 'cmp2'] },
      ],
    });
  });
});

describe('how steps can be left', () => {
  const plan = e.planOf(
    step('stop'),
    step('backup', { restores: 'databases' }),
    step('sync', { exit: 'restorable', gate: 1 }),
    step('purge', { exit: 'oneWay' }),
    step('start', { gate: 1 }),
  );
  const { parts, steps } = readPlan(plan);
  const leaving = (part: ReadPart | undefined) => {
    const { oneWay, ...rest } = planLeaving(plan, part?.steps ?? []);
    return { ...rest, oneWay: oneWay.map(({ number }) => number) };
  };

  it('names the backup that undoes them, and what is one-way', () => {
    const restored = { number: 3, by: 'databases', backups: [2] };

    expect(parts.map(leaving)).toEqual([
      { oneWay: [], earlierOneWay: [] },
      { restored, oneWay: [4], earlierOneWay: [] },
      { earlier: restored, oneWay: [], earlierOneWay: [4] },
    ]);
    expect(planLeaving(plan, steps).restored).toEqual(restored);
  });
});
