import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../jobs/events.ts';
import { fold } from '../../jobs/fold.ts';
import { type Plan, handlerOf, planHash } from '../../jobs/plan.ts';
import { wayBack } from '../../jobs/rollback.ts';

const at = '2026-11-23T02:00:00Z';

const done = (params: unknown, exit: 'reversible' | 'oneWay') => {
  const plan: Plan = {
    title: 'By hand',
    cloud: 'test',
    environment: 'verification',
    channel: 'C0TEST',
    runbook: 'test',
    become: false,
    targets: {},
    steps: [
      {
        id: 'look',
        title: 'Look',
        kind: 'manual',
        params,
        hosts: ['ctl1'],
        exit,
        doer: 'person',
        undoByPerson: handlerOf({ id: 'look', kind: 'manual', params }).undoByPerson,
        apply: [],
        batch: 1,
        maxFailures: 0,
        timeoutMs: 1000,
      },
    ],
  };
  const work = { phase: 'apply', step: 'look', host: 'ctl1', attempt: 1 } as const;
  const events: RunEvent[] = [
    { type: 'RunRequested', at, run: '7f3a12', by: 'UANN', plan, planHash: planHash(plan) },
    { type: 'PersonAsked', at, work },
    { type: 'ProofGiven', at, work, by: 'UBEN', proof: 'seen' },
  ];
  return wayBack(fold(events));
};

describe('the way back over what a person did', () => {
  it('asks a person to take it back where the runbook says how', () => {
    const way = done({ instructions: 'plug it in', undo: 'pull it out' }, 'reversible');

    expect(way.steps.map(({ step }) => step.id)).toEqual(['look']);
  });

  it('asks nobody where a person only looked', () => {
    const way = done({ instructions: 'look at the rack', changes: false }, 'reversible');

    expect(way).toEqual({ steps: [] });
  });

  it('ends where a person did what cannot be taken back', () => {
    const way = done({ instructions: 'wipe the disk' }, 'oneWay');

    expect(way.steps).toEqual([]);
    expect(way.barrier?.id).toBe('look');
  });
});
