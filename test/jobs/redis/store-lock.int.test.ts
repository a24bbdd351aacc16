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
import { rejection } from '../../support/eventually.ts';
import { runRequest, testStore } from '../../support/servers/test-store.ts';

const at = testStore();

describe("a cloud's lock", () => {
  it('goes to one of two, and tells the other who has it, since when and why', async () => {
    const two = await Promise.allSettled([
      at.store.create(runRequest('aaaaaa', { by: 'UANN' })),
      at.store.create(runRequest('bbbbbb', { by: 'UBEN' })),
    ]);

    const [refused] = two.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    const lock = await at.store.lockOf('staging');
    expect(two.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(lock).toMatchObject({ at: after(0), why: 'Restart nova' });
    expect(refused).toMatchObject({
      name: 'CloudLocked',
      message: `staging is held by run ${lock?.run} (Restart nova), which ${lock?.by} started at ${after(0)}`,
      hint: `Wait for it to end, or look at it with: /upgrade status ${lock?.run}`,
    });
    expect(await at.store.active()).toEqual([lock?.run]);
    expect(await at.store.recent(5)).toEqual([lock?.run]);
    const lost = lock?.run === 'aaaaaa' ? 'bbbbbb' : 'aaaaaa';
    expect(await rejection(at.store.load(lost))).toMatchObject({ name: 'UnknownRun' });
  });

  it('does not give an id twice', async () => {
    await at.store.create(runRequest());
    await at.write('7f3a12', runEnded('refused'));

    expect(await rejection(at.store.create(runRequest()))).toMatchObject({ name: 'RunExists' });
    expect((await at.store.load('7f3a12')).version).toBe(2);
  });

  it('is free again when the run has ended', async () => {
    await at.store.create(runRequest('aaaaaa'));
    await at.write('aaaaaa', abortRequested(), runEnded('aborted'));

    expect(await at.store.lockOf('staging')).toBeUndefined();
    expect(await at.store.active()).toEqual([]);
    expect(await at.store.lastOf('staging')).toBe('aaaaaa');
    await at.store.create(runRequest('bbbbbb'));
    expect(await at.store.lastOf('staging')).toBe('bbbbbb');
  });

  it('is taken again by the rollback of a run that had ended', async () => {
    await at.store.create(runRequest());
    await at.write('7f3a12', started(work('restart')), runEnded('aborted'));

    await at.write('7f3a12', { ...rollbackRequested('restart', 'UCHIE'), at: after(60) });

    expect(await at.store.lockOf('staging')).toEqual({
      run: '7f3a12',
      by: 'UCHIE',
      at: after(60),
      why: 'Restart nova',
    });
    expect(await at.store.active()).toEqual(['7f3a12']);
  });

  it('keeps saying since when, through a rollback of the run that has it', async () => {
    await at.store.create(runRequest());
    await at.write('7f3a12', started(work('restart')));

    await at.write('7f3a12', { ...rollbackRequested('restart', 'UCHIE'), at: after(60) });

    expect(await at.store.lockOf('staging')).toMatchObject({ by: 'UANN', at: after(0) });
  });

  it('refuses the rollback of an ended run while another run has the cloud', async () => {
    await at.store.create(runRequest('aaaaaa'));
    await at.write('aaaaaa', started(work('restart')), runEnded('aborted'));
    await at.store.create(runRequest('bbbbbb'));

    expect(await rejection(at.write('aaaaaa', rollbackRequested('restart')))).toMatchObject({
      name: 'CloudLocked',
      message: expect.stringContaining('staging is held by run bbbbbb'),
    });
    expect((await at.store.load('aaaaaa')).version).toBe(3);
    expect(await at.store.lockOf('staging')).toMatchObject({ run: 'bbbbbb' });

    await at.write('aaaaaa', hostReady('ctl1'));
    expect(await at.store.lockOf('staging')).toMatchObject({ run: 'bbbbbb' });
  });
});
