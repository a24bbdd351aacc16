import { describe, expect, it } from '@jest/globals';
import { foldingOn } from '../../../bot/outbox/folding-on.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { hostReady, inOrder, paused, planOf, requested, step } from '../../support/runs/events.ts';

describe('folding on', () => {
  const log = inOrder(requested(planOf(step('stop'))), hostReady('ctl1'), paused());
  const counting = () => {
    const folded: string[] = [];
    const types = foldingOn({
      begin: ({ type }: RunEvent): readonly string[] => [type],
      next: (state, { type }) => {
        folded.push(type);
        return [...state, type];
      },
    });
    return { types, folded };
  };

  it('folds only what came since', () => {
    const { types, folded } = counting();
    types('7f3a12', log.slice(0, 2));

    expect(types('7f3a12', log)).toEqual(['RunRequested', 'HostReady', 'Paused']);
    expect(types('7f3a12', log)).toEqual(['RunRequested', 'HostReady', 'Paused']);
    expect(folded).toEqual(['HostReady', 'Paused']);
  });

  it('begins anew for another log, or one that is shorter than it was', () => {
    const { types } = counting();
    types('7f3a12', log);

    expect(types('7f3a12', log.slice(0, 2))).toEqual(['RunRequested', 'HostReady']);
    expect(types('7f3a12', structuredClone(log))).toEqual(['RunRequested', 'HostReady', 'Paused']);
    expect(types('b0b0b0', log.slice(0, 1))).toEqual(['RunRequested']);
    expect(types('c0c0c0', [])).toBeUndefined();
  });
});
