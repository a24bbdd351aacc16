import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { Plan, asUser, canonicalJson, handlerOf, planHash } from '../../../jobs/run/plan.ts';
import { Runbook } from '../../../jobs/files/runbook.ts';
import { pretendCloud, checkStep, planned, thrown } from '../../support/openstack/planned.ts';
import { composePlan } from '../../../jobs/run/compose.ts';

const person = {
  ...checkStep,
  kind: 'manual',
  params: { instructions: 'Look at it', changes: false },
};

describe('a plan', () => {
  it('holds all that a worker needs: the hosts that are used, and the words that run', () => {
    const plan = planned([{ on: 'compute', params: { run: ['true'], undo: [], user: 'nova' } }], {
      ssh: { become: true },
    });

    expect(plan).toEqual({
      title: 'Look',
      cloud: 'staging',
      environment: 'verification',
      channel: 'C012ABCDEF',
      runbook: 'look',
      become: true,
      targets: {
        cmp1: expect.objectContaining({ host: 'cmp1', address: '10.0.0.2', port: 22, user: 'ops' }),
        cmp2: expect.objectContaining({ host: 'cmp2', address: '10.0.0.3' }),
      },
      steps: [
        {
          id: 's0',
          title: 'Look',
          kind: 'command',
          params: { run: ['true'], undo: [], user: 'nova' },
          hosts: ['cmp1', 'cmp2'],
          exit: 'reversible',
          doer: 'host',
          apply: [{ words: ['sudo', '-n', '-u', 'nova', '--', 'true'] }],
          batch: 2,
          maxFailures: 0,
          timeoutMs: 600_000,
          gate: 1,
        },
      ],
    });
    expect(Plan.parse(JSON.parse(canonicalJson(plan)))).toEqual(plan);
  });

  it('takes batch, failures and timeout from the runbook', () => {
    const [step] = planned([{ batch: 1, maxFailures: 2, timeout: '90s' }]).steps;
    expect(step).toMatchObject({ batch: 1, maxFailures: 2, timeoutMs: 90_000 });
  });

  it('has a person do a thing once, whatever the number of hosts', () => {
    const [step] = planned([{ ...person, on: 'compute' }]).steps;
    expect(step).toMatchObject({ doer: 'person', hosts: ['cmp1'], apply: [] });
  });
});

describe('the hash of a plan', () => {
  it('is the same for the same cloud and runbook, and another one for any other words', () => {
    const hash = planHash(planned([{}]));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(planHash(planned([{}]))).toBe(hash);
    const others = [
      planned([{ title: 'Another' }]),
      planned([{ on: 'compute' }]),
      planned([{ params: { run: ['false'], undo: [] } }]),
      planned([{ params: { run: ['true'], undo: [['true']] } }]),
      planned([{ batch: 1 }]),
      planned([{ timeout: '1s' }]),
      planned([{}], { ssh: { user: 'root' } }),
      planned([{}], { approvals: { reversible: 2 } }),
    ];
    expect(new Set([hash, ...others.map(planHash)]).size).toBe(others.length + 1);
  });

  it('does not depend on the order of keys, and survives being stored', () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : value !== null && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .map(([key, inner]) => [key, reversed(inner)])
                .toReversed(),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (params) => {
        const plan = planned([{}, {}]);
        const [first, ...rest] = plan.steps;
        if (first === undefined) throw new Error('no step');
        const one: Plan = { ...plan, steps: [{ ...first, params }, ...rest] };
        const other = Plan.parse(reversed(one));
        expect(planHash(other)).toBe(planHash(one));
        expect(planHash(Plan.parse(JSON.parse(canonicalJson(one))))).toBe(planHash(one));
      }),
    );
  });

  it('leaves out what is undefined, and tells null, nothing and order in a list apart', () => {
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(canonicalJson({ b: null, a: [2, 1] })).toBe('{"a":[2,1],"b":null}');
  });
});

describe('the user a command runs as', () => {
  const cases = [
    { as: undefined, user: 'ops', become: false, words: ['id'] },
    { as: 'ops', user: 'ops', become: false, words: ['id'] },
    { as: 'root', user: 'root', become: false, words: ['id'] },
    { as: 'nova', user: 'root', become: false, words: ['runuser', '-u', 'nova', '--', 'id'] },
    { as: undefined, user: 'ops', become: true, words: ['sudo', '-n', '--', 'id'] },
    { as: 'root', user: 'ops', become: true, words: ['sudo', '-n', '--', 'id'] },
    { as: 'nova', user: 'ops', become: true, words: ['sudo', '-n', '-u', 'nova', '--', 'id'] },
  ];
  for (const { as, user, become, words } of cases) {
    it(`${as ?? 'unsaid'}, logged in as ${user}${become ? ' with sudo' : ''}: ${words.join(' ')}`, () => {
      const command = { words: ['id'], okExits: [0, 1], stdin: 'in', ...(as && { as }) };
      expect(asUser(command, { user, become })).toEqual({ words, okExits: [0, 1], stdin: 'in' });
    });
  }

  it('is an error of the plan when nobody can become it', () => {
    const error = thrown(() => planned([{ params: { run: ['id'], undo: [], user: 'nova' } }]));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({
      name: 'NoBecome',
      message: 'id should run as nova, but the login user is ops',
      hint: 'Set ssh.become: true in the cloud file, and allow it in sudoers without a password.',
    });
  });
});

describe('a plan that cannot be', () => {
  it('names the step that would run nowhere', () => {
    const nowhere = { ...pretendCloud(), hosts: {} };
    const runbook = Runbook.parse({ title: 'Look', steps: [checkStep] });
    expect(thrown(() => composePlan(nowhere, runbook, 'look'))).toMatchObject({
      name: 'NoHosts',
      message: 'step look would run nowhere: no host of staging matches its "on"',
    });
  });

  it('names the kinds there are, also for a kind that every object has', () => {
    for (const kind of ['frobnicate', 'constructor', '__proto__']) {
      expect(thrown(() => handlerOf({ id: 'look', kind, params: {} }))).toMatchObject({
        name: 'UnknownKind',
        message: `step look is of a kind that this version does not know: ${kind}`,
        hint: expect.stringContaining('command'),
      });
    }
  });
});

describe('what only a snapshot of the whole host undoes', () => {
  const snapshot = (hosts: string[], on: unknown = hosts) => ({
    kind: 'host-snapshot',
    on,
    params: { hosts, label: 'before' },
  });
  const release = {
    kind: 'package',
    on: 'compute',
    params: { upgrade: 'full', release: 'trixie' },
  };

  it('is paired with the snapshots of its hosts', () => {
    const { steps } = planned([snapshot(['cmp1']), snapshot(['cmp2']), release]);

    expect(steps).toMatchObject([
      { restores: 'hosts', covers: ['cmp1'], hosts: ['cmp1'], doer: 'person' },
      { restores: 'hosts', covers: ['cmp2'] },
      { exit: 'restorable', restoredBy: 'hosts', hosts: ['cmp1', 'cmp2'] },
    ]);
    expect(steps[0]?.asks?.instructions).toContain('of each of: cmp1.');
    expect(
      Plan.parse(JSON.parse(JSON.stringify(planned([snapshot(['cmp1', 'cmp2']), release])))),
    ).toEqual(planned([snapshot(['cmp1', 'cmp2']), release]));
  });

  it('is refused without one of each host', () => {
    expect(() => planned([snapshot(['cmp1']), release])).toThrow(
      'step s1 has no rollback: no step before it makes a backup of the whole host cmp2',
    );
    expect(() => planned([snapshot(['cmp1'], 'control')])).toThrow(
      'step s0 is about cmp1, which is not in its "on"',
    );
  });
});
