import { describe, expect, it } from '@jest/globals';
import { standingLine, watchRun } from '../../../bot/door/watch-run.ts';
import type { Run } from '../../../jobs/run/run.ts';
import * as e from '../../support/runs/events.ts';

const plan = e.planOf(e.step('one'), e.step('two'));
const approved = [e.approvalRequested('one'), e.gateApproved('one', plan)];
const running = e.readyRun(plan, ...approved, e.started(e.work('one')));
const later = e.readyRun(
  plan,
  ...approved,
  e.started(e.work('one')),
  e.servingChanged('nova', 'up'),
);
const ended = e.readyRun(plan, ...approved, e.abortRequested(), e.runEnded('aborted'));

describe('watching a run', () => {
  it('says each standing once, until the run ends', async () => {
    const states: Run[] = [running, running, later, ended];
    const said: string[] = [];
    const how = await watchRun(running.id, {
      say: (line) => said.push(line),
      gone: new AbortController().signal,
      store: { load: async () => states.shift() ?? ended },
      mayLook: async () => true,
      everyMs: 1,
    });

    expect(how?.outcome).toBe('aborted');
    expect(said).toEqual([
      '02:00:04 UTC  0 %  ·  step 1 of 2  ·  one on ctl1',
      '02:00:05 UTC  0 %  ·  step 1 of 2  ·  one on ctl1  ·  nova answers',
      '02:00:05 UTC  ended: aborted',
    ]);
  });

  it('ends when whoever watches has gone', async () => {
    const gone = AbortSignal.timeout(20);
    const how = await watchRun(running.id, {
      say: () => {},
      gone,
      store: { load: async () => running },
      mayLook: async () => true,
    });

    expect(how).toBeUndefined();
  });

  it('says what a run waits for where nothing runs', () => {
    expect(standingLine(e.readyRun(plan, e.approvalRequested('one')))).toContain(
      'needs approval of',
    );
  });
});
