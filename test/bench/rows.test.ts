import { describe, expect, it } from '@jest/globals';
import { benchHelp, rowOf } from '../../bench/rows.ts';

describe('what the bench is asked for', () => {
  it.each([
    ['30x50', { is: 'size', size: { text: '30x50', kind: 'command', steps: 30, hosts: 50 } }],
    [
      'file:10x50',
      { is: 'size', size: { text: 'file:10x50', kind: 'file', steps: 10, hosts: 50 } },
    ],
    ['2000MB', { is: 'output', megabytes: 2000 }],
    ['2000runs', { is: 'runs', count: 2000 }],
    ['acks', { is: 'acks' }],
    ['10x', undefined],
    ['other:1x1', undefined],
  ])('%s', (text, row) => {
    expect(rowOf(text)).toStrictEqual(row);
  });

  it('names in its help nothing that it does not know', () => {
    const named = [...benchHelp.matchAll(/(?<=bench -- ).*?(?= --)/g)].flatMap(([line]) =>
      line.split(' '),
    );
    const told = [...benchHelp.matchAll(/^ {2}(?!-)(\S+) {2,}/gm)].map(([, name = '']) => name);

    expect(told.length).toBeGreaterThan(7);
    expect(
      [...named.filter((name) => name !== 'NAME...'), ...told].filter(
        (one) => rowOf(one) === undefined,
      ),
    ).toEqual([]);
  });
});
