import { describe, expect, it } from '@jest/globals';
import { actOnRun } from '../../../../jobs/run/act.ts';
import type { RunEvent, Work } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { type Plan, type PlanStep, planHash } from '../../../../jobs/run/plan.ts';
import { restoredHosts, planRollback } from '../../../../jobs/run/rollback/rollback.ts';

const at = '2026-11-23T02:00:00Z';

const step = (id: string, exit: PlanStep['exit'], rest: Partial<PlanStep> = {}): PlanStep => ({
  id,
  title: `Do ${id}`,
  kind: 'command',
  params: {},
  hosts: ['ctl1'],
  exit,
  doer: 'host',
  apply: [],
  batch: 1,
  maxFailures: 0,
  timeoutMs: 1000,
  ...rest,
});

/** A run in which the steps began; the backup worked unless told otherwise. */
function begun(steps: readonly PlanStep[], failed: readonly string[] = []) {
  const plan: Plan = {
    title: 'Sync',
    cloud: 'test',
    environment: 'verification',
    channel: 'C0TEST',
    runbook: 'test',
    become: false,
    targets: {},
    steps: [...steps],
  };
  const events = steps.flatMap(({ id }): RunEvent[] => {
    const work: Work = { phase: 'apply', step: id, host: 'ctl1', attempt: 1 };
    const started: RunEvent = {
      type: 'StepStarted',
      at,
      work,
      before: {},
      changes: '',
      commands: [],
    };
    return failed.includes(id)
      ? [started, { type: 'StepFailed', at, work, tail: '', reason: 'no', hint: '' }]
      : [started, { type: 'StepSucceeded', at, work, tail: '', sizeBytes: 0, sha256: '' }];
  });
  return fold([
    { type: 'RunRequested', at, run: '7f3a12', by: 'UANN', plan, planHash: planHash(plan) },
    ...events,
  ]);
}

const backup = step('backup', 'reversible', { restores: 'databases' });
const sync = step('sync', 'restorable');
const files = step('files', 'reversible');
const person = { doer: 'person', undoByPerson: 'Restore them' } as const;

describe('the rollback over a schema', () => {
  it('takes the backup in that restores it', () => {
    const way = planRollback(begun([files, backup, sync]));

    expect(way.steps.map(({ step: { id } }) => id)).toEqual(['sync', 'backup', 'files']);
    expect(way.barrier).toBeUndefined();
  });

  it('takes what an older log calls a backup for one of databases', () => {
    const old = step('backup', 'reversible', { isBackup: true });

    expect(planRollback(begun([old, sync])).steps.map(({ step: { id } }) => id)).toEqual([
      'sync',
      'backup',
    ]);
    expect(planRollback(begun([old, distribution])).barrier?.id).toBe('distribution');
  });

  it('restores nothing where nothing has changed since: what was written then came from people', () => {
    const ids = (...steps: readonly PlanStep[]) =>
      planRollback(begun(steps)).steps.map(({ step: { id } }) => id);
    const other = step('other-backup', 'reversible', { restores: 'databases' });
    const look = step('look', 'reversible', { purpose: 'check' });

    expect(ids(files, backup)).toEqual(['files']);
    expect(ids(files, backup, other, look)).toEqual(['look', 'files']);
    expect(ids(backup, step('by hand', 'reversible', person))).toEqual(['by hand', 'backup']);
    expect(planRollback(begun([backup])).to).toBeUndefined();
    // What it left behind is looked at.
    expect(planRollback(begun([backup], ['backup'])).to).toBe('backup');
  });

  it('ends at the schema where no backup worked', () => {
    const way = planRollback(begun([files, backup, sync, step('start', 'reversible')], ['backup']));

    expect(way.steps.map(({ step: { id } }) => id)).toEqual(['start']);
    expect(way.barrier?.id).toBe('sync');
  });

  it('does not stop between the backup and what it restores', () => {
    const run = begun([files, backup, sync]);
    const ann = { id: 'UANN', isEngineer: true, isApprover: false };

    expect(actOnRun(run, { name: 'rollback', step: 'sync' }, ann, at)).toEqual({
      refused: 'incomplete',
      reason: expect.stringContaining('/upgrade rollback 7f3a12 backup'),
    });
    expect(actOnRun(run, { name: 'rollback', step: 'backup' }, ann, at)).toMatchObject({
      event: { type: 'RollbackProposed', to: 'backup' },
    });
  });
});

const snapshot = step('snapshot', 'reversible', { restores: 'hosts', covers: ['ctl1'], ...person });
const distribution = step('distribution', 'restorable', { restoredBy: 'hosts' });

describe('the rollback over another release of the distribution', () => {
  const ids = (run: Parameters<typeof planRollback>[0]) =>
    planRollback(run).steps.map(({ step: { id } }) => id);

  it('takes in the snapshot of the host, and for databases their dump', () => {
    const run = begun([snapshot, distribution, backup, sync]);

    expect(ids(run)).toEqual(['sync', 'backup', 'distribution', 'snapshot']);
    expect(restoredHosts(planRollback(run))).toEqual(['ctl1']);
  });

  it('ends there without a snapshot of that host, whatever else is backed up', () => {
    const other = { ...snapshot, covers: ['cmp1'] };

    expect(planRollback(begun([backup, distribution])).barrier?.id).toBe('distribution');
    expect(planRollback(begun([other, distribution, files])).barrier?.id).toBe('distribution');
    expect(planRollback(begun([snapshot, sync])).barrier?.id).toBe('sync');
  });

  it('ends at what needs a backup from beyond a wall', () => {
    const run = begun([backup, distribution, sync, files]);

    expect(planRollback(run).barrier?.id).toBe('sync');
    expect(ids(run)).toEqual(['files']);
  });

  it('asks nobody to restore hosts on which nothing began that needs it', () => {
    const run = begun([snapshot, files]);

    expect(ids(run)).toEqual(['files']);
    expect(planRollback(run).to).toBe('snapshot');
    expect(restoredHosts(planRollback(run))).toEqual([]);
    expect(planRollback(begun([snapshot]))).toEqual({ steps: [] });
  });

  it('does not stop between a snapshot and what it restores', () => {
    const engineer = { id: 'UANN', isEngineer: true, isApprover: false };

    expect(
      actOnRun(
        begun([snapshot, distribution]),
        { name: 'rollback', step: 'distribution' },
        engineer,
        at,
      ),
    ).toEqual({
      refused: 'incomplete',
      reason: expect.stringMatching(/leave hosts as .*rollback 7f3a12 snapshot/),
    });
  });
});
