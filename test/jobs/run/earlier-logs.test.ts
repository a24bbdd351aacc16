import { describe, expect, it } from '@jest/globals';
import { withoutKey } from '../../../jobs/run/changes.ts';
import { decide, ongoingWork } from '../../../jobs/run/decide.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { hostStep } from '../../../jobs/run/run.ts';
import { earlierLog, eventsOf } from '../../support/runs/earlier-logs.ts';

const upgrade = eventsOf(earlierLog('upgrade'));
const notes = eventsOf(earlierLog('notes'));

describe('a log that says no version', () => {
  it.each([
    ['an upgrade', upgrade],
    ["a runbook of one's own", notes],
  ])('folds up to each of its events: %s', (_what, events) => {
    const runs = events.map((_event, index) => fold(events.slice(0, index + 1)));

    expect(runs.map(({ version }) => version)).toEqual(events.map((_event, index) => index + 1));
    for (const run of runs) expect(() => decide(run)).not.toThrow();
  });

  it('has the plan under the hash that its approvals carry', () => {
    const [first] = upgrade;
    const requested = first?.type === 'RunRequested' ? first : undefined;
    const run = fold(upgrade);
    const hashes = upgrade.flatMap((event) =>
      event.type === 'ApprovalGiven' ? [event.planHash] : [],
    );

    expect(requested && planHash(requested.plan)).toBe(requested?.planHash);
    expect(planHash(run.plan)).toBe(run.planHash);
    expect(hashes).toEqual([requested?.planHash, run.planHash]);
  });

  it('goes on where it stood: paused, with nothing under way and the approvals it was given', () => {
    const run = fold(upgrade);

    expect(run.paused?.by).toBe('U000000ANN');
    expect(ongoingWork(run)).toEqual([]);
    expect(decide(run)).toEqual([]);
    expect(decide(withoutKey(run, 'paused'))).toEqual([
      {
        do: 'start',
        work: { phase: 'apply', step: 'kilo-start-apache2-w1', host: 'ctl1', attempt: 1 },
      },
    ]);
  });

  it('rolls back all that began, last first, with the backup that it made', () => {
    const { steps, barrier, to } = planRollback(fold(upgrade));

    expect(barrier).toBeUndefined();
    expect(to).toBe('drain-keystone-public');
    expect(steps.map(({ step }) => step.id)).toEqual([
      'kilo-keystone-daemon-off-w1',
      'kilo-start-apache2',
      'kilo-keystone-schema',
      'kilo-backup',
      'kilo-keystone-site-on',
      'kilo-keystone-daemon-off',
      'kilo-keystone-wsgi-keystone-conf',
      'kilo-keystone-packages',
      'kilo-keystone-keystone-conf',
      'kilo-repository',
      'kilo-stop-keystone',
      'kilo-stop-apache2',
      'kilo-keystone-memcached',
      'kilo-keystone-cron-off',
      'kilo-keystone-token-flush',
      'hold-services',
      'drain-keystone-public',
    ]);
  });

  it('knows what people did: a retry, a lost link, a skip, a rejection, a rollback to a step', () => {
    const before = fold(notes.slice(0, 30));
    const run = fold(notes);

    expect(hostStep(before, { phase: 'apply', step: 'flaky', host: 'ctl1' }).attempt).toBe(2);
    expect(hostStep(before, { phase: 'apply', step: 'wait', host: 'cmp1' }).reattached).toEqual({
      at: expect.any(String),
      reason: 'the link to the host was lost',
    });
    expect(hostStep(run, { phase: 'apply', step: 'never', host: 'cmp2' }).skipped?.reason).toBe(
      'still nobody',
    );
    expect(run.gates['second-note']?.approvals).toHaveLength(1);
    expect(hostStep(run, { phase: 'apply', step: 'signature', host: 'ctl1' }).status).toBe('asked');
  });
});
