import { describe, expect, it } from '@jest/globals';
import {
  abortRequested,
  after,
  hostReady,
  rollbackRequested,
  runEnded,
  started,
  work,
} from '../../support/runs/events.ts';
import { Plan } from '../../../jobs/run/plan.ts';
import { rejection } from '../../support/eventually.ts';
import { runRequest, testStore } from '../../support/servers/test-store.ts';

const stored = testStore();

describe("a cloud's lock", () => {
  it('goes to one of two, and tells the other who has it, since when and why', async () => {
    const two = await Promise.allSettled([
      stored.store.create(runRequest('aaaaaa', { by: 'UANN' })),
      stored.store.create(runRequest('bbbbbb', { by: 'UBEN' })),
    ]);

    const [refused] = two.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    const lock = await stored.store.lockOf('staging');
    expect(two.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(lock).toMatchObject({ at: after(0), why: 'Restart nova' });
    expect(refused).toMatchObject({
      name: 'CloudLocked',
      message: `staging is held by run ${lock?.run} (Restart nova), which ${lock?.by} started at ${after(0)}`,
      hint: `Wait for it to end, or look at it with: /upgrade status ${lock?.run}`,
    });
    expect(await stored.store.active()).toEqual([lock?.run]);
    expect(await stored.store.recent(5)).toEqual([lock?.run]);
    const lost = lock?.run === 'aaaaaa' ? 'bbbbbb' : 'aaaaaa';
    expect(await rejection(stored.store.load(lost))).toMatchObject({ name: 'UnknownRun' });
  });

  it('goes with its machines, however another cloud calls them', async () => {
    const { plan } = runRequest();
    const other = (cloud: string, change: object): Promise<unknown> => {
      const cmp9 = { ...plan.targets['cmp1'], host: 'cmp9', ...change };
      const event = runRequest('bbbbbb', {
        plan: Plan.parse({ ...plan, cloud, targets: { cmp9 } }),
      });
      return stored.store.create(event);
    };
    await stored.store.create(runRequest('aaaaaa'));

    expect(await rejection(other('other', {}))).toMatchObject({
      name: 'HostLocked',
      message:
        'cmp9 of other (127.0.0.1:22) is a host of run aaaaaa as well, which is of another cloud',
      hint: 'Wait for that run to end, or look at it with: /upgrade status aaaaaa',
    });
    expect(await stored.store.lockOf('other')).toBeUndefined();
    const bastion = { address: '192.0.2.1', port: 22, user: 'ops', key: '/keys/id' };
    await other('behind', { bastion });
    await stored.write('bbbbbb', abortRequested(), runEnded('aborted'));

    await stored.write('aaaaaa', started(work('restart')), runEnded('aborted'));
    await stored.store.create(runRequest('cccccc', { plan: { ...plan, cloud: 'other' } }));
    expect(await rejection(stored.write('aaaaaa', rollbackRequested('restart')))).toMatchObject({
      name: 'HostLocked',
    });
  });

  it('does not give an id twice', async () => {
    await stored.store.create(runRequest());
    await stored.write('7f3a12', runEnded('refused'));

    expect(await rejection(stored.store.create(runRequest()))).toMatchObject({ name: 'RunExists' });
    expect((await stored.store.load('7f3a12')).version).toBe(2);
  });

  it('is free again when the run has ended', async () => {
    await stored.store.create(runRequest('aaaaaa'));
    await stored.write('aaaaaa', abortRequested(), runEnded('aborted'));

    expect(await stored.store.lockOf('staging')).toBeUndefined();
    expect(await stored.store.active()).toEqual([]);
    expect(await stored.store.lastOf('staging')).toBe('aaaaaa');
    await stored.store.create(runRequest('bbbbbb'));
    expect(await stored.store.lastOf('staging')).toBe('bbbbbb');
  });

  it('is taken again by the rollback of a run that had ended', async () => {
    await stored.store.create(runRequest());
    await stored.write('7f3a12', started(work('restart')), runEnded('aborted'));

    await stored.write('7f3a12', { ...rollbackRequested('restart', 'UCHIE'), at: after(60) });

    expect(await stored.store.lockOf('staging')).toEqual({
      run: '7f3a12',
      by: 'UCHIE',
      at: after(60),
      why: 'Restart nova',
    });
    expect(await stored.store.active()).toEqual(['7f3a12']);
  });

  it('keeps saying since when, through a rollback of the run that has it', async () => {
    await stored.store.create(runRequest());
    await stored.write('7f3a12', started(work('restart')));

    await stored.write('7f3a12', { ...rollbackRequested('restart', 'UCHIE'), at: after(60) });

    expect(await stored.store.lockOf('staging')).toMatchObject({ by: 'UANN', at: after(0) });
  });

  it('refuses the rollback of an ended run while another run has the cloud', async () => {
    await stored.store.create(runRequest('aaaaaa'));
    await stored.write('aaaaaa', started(work('restart')), runEnded('aborted'));
    await stored.store.create(runRequest('bbbbbb'));

    expect(await rejection(stored.write('aaaaaa', rollbackRequested('restart')))).toMatchObject({
      name: 'CloudLocked',
      message: expect.stringContaining('staging is held by run bbbbbb'),
    });
    expect((await stored.store.load('aaaaaa')).version).toBe(3);
    expect(await stored.store.lockOf('staging')).toMatchObject({ run: 'bbbbbb' });

    await stored.write('aaaaaa', hostReady('ctl1'));
    expect(await stored.store.lockOf('staging')).toMatchObject({ run: 'bbbbbb' });
  });
});
