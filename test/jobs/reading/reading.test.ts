import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPlan } from '../../../jobs/reading/reading.ts';
import { turnBlocks } from '../../../jobs/reading/turns.ts';
import { planned } from '../../support/openstack/planned.ts';
import { anyPlan } from '../../support/runs/any-plan.ts';

describe('the reading of a plan', () => {
  it('has every step in exactly one line, on its hosts, with all of its commands counted', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const { parts, commands } = readPlan(plan);
        const lines = parts.flatMap(({ blocks }) =>
          blocks.flatMap(({ stages }) => stages.flatMap((stage) => stage.lines)),
        );
        const numbers = lines.flatMap(({ steps }) => steps);

        expect(numbers.toSorted((a, b) => a - b)).toEqual(
          plan.steps.map((_step, index) => index + 1),
        );
        for (const line of lines) {
          const own = plan.steps.filter((_step, index) => line.steps.includes(index + 1));
          expect(line.commands).toBe(count(own));
          expect(line.hosts.toSorted()).toEqual(
            [...new Set(own.flatMap(({ hosts }) => hosts))].toSorted(),
          );
          expect(line.says).not.toBe('');
        }
        expect(commands).toBe(count(plan.steps));
      }),
      { numRuns: 25 },
    );
  });

  it('has a part for each approval, in order', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const { parts } = readPlan(plan);
        const gates = plan.steps.flatMap(({ gate }, index) =>
          index === 0 || gate !== undefined ? [index + 1] : [],
        );
        expect(parts.map(({ from }) => from)).toEqual(gates);
        expect(parts.flatMap(({ from, to }) => [from, to])).toEqual(
          gates.flatMap((from, index) => [from, (gates[index + 1] ?? plan.steps.length + 1) - 1]),
        );
      }),
      { numRuns: 10 },
    );
  });
});

const service = (name: string, state: string, on: unknown) => ({
  kind: 'service',
  title: 'x',
  on,
  params: { name, state },
});

describe('lines', () => {
  const linesOf = (...steps: object[]) =>
    readPlan(planned(steps)).parts.flatMap(({ blocks }) =>
      blocks.map(({ turns, stages }) => ({
        turns,
        lines: stages.flatMap((stage) =>
          stage.lines.map(({ says, steps: own }) => ({ says, own })),
        ),
      })),
    );

  it('put together what does the same to other things on the same hosts', () => {
    expect(
      linesOf(service('nova-api', 'stopped', 'ctl1'), service('glance-api', 'stopped', 'ctl1')),
    ).toEqual([{ turns: 1, lines: [{ says: 'stop nova-api, glance-api', own: [1, 2] }] }]);
  });

  it('name once what hosts do one after the other, with all of their steps', () => {
    expect(
      linesOf(
        ...['cmp1', 'cmp2'].flatMap((host) => [
          service('nova-compute', 'stopped', host),
          { kind: 'package', on: host, params: { upgrade: 'full' } },
        ]),
      ),
    ).toEqual([
      {
        turns: 2,
        lines: [
          { says: 'stop nova-compute', own: [1, 3] },
          { says: 'upgrade every package', own: [2, 4] },
        ],
      },
    ]);
  });

  it('do not take other words, another user or another rollback for the same', () => {
    const run = (more: object) => ({
      kind: 'command',
      on: 'ctl1',
      params: { run: ['x'], ...more },
    });
    const found = linesOf(run({ undo: [] }), run({}), run({ undo: [], okExits: [0, 3] }));

    expect(found.flatMap(({ lines }) => lines.map(({ own }) => own))).toEqual([[1], [2], [3]]);
  });
});

describe('turns', () => {
  const read = (text: string): [number, string][] =>
    turnBlocks(text.split(''), (one) => one).map(({ turns, units }) => [
      turns,
      units.map(({ key, members }) => `${key}${members.length}`).join(' '),
    ]);

  it.each<[string, [number, string][]]>([
    ['abcabcabc', [[3, 'a3 b3 c3']]],
    ['aababb', [[2, 'a3 b3']]],
    [
      'xababy',
      [
        [1, 'x1'],
        [2, 'a2 b2'],
        [1, 'y1'],
      ],
    ],
    [
      'ababa',
      [
        [1, 'a1'],
        [2, 'b2 a2'],
      ],
    ],
    ['aaaa', [[1, 'a4']]],
  ])('of %s are found', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('keep everything that was given', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 200 }), (all) => {
        const blocks = turnBlocks(all, (one) => one);
        const kept = blocks.flatMap(({ units }) => units.flatMap(({ members }) => members));
        expect(kept.toSorted()).toEqual(all.toSorted());
      }),
    );
  });
});

const count = (
  steps: readonly { readonly apply: readonly unknown[]; readonly hosts: readonly string[] }[],
) => steps.reduce((sum, { apply, hosts }) => sum + apply.length * hosts.length, 0);
