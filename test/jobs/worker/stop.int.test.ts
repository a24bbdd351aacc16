import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { work } from '../../support/runs/events.ts';
import { oneStepEach, theOne } from '../../support/processes/one-step.ts';
import { eventually } from '../../support/eventually.ts';

const one = oneStepEach();
const attempt = (number: number) => work('one', 'ctl1', { attempt: number });

describe('a step that outlived what is known of it', () => {
  it('meets no second start when a person retries it, and an abort ends it', async () => {
    one.engine.startWorker();
    const id = await one.begin(`echo start >>${one.dir}/starts; sleep 60`);
    await eventually(() => readFile(`${one.dir}/starts`).catch(() => undefined));
    await one.engine.append(id, { type: 'StepUnknown', work: attempt(1), evidence: 'no answer' });

    const retry = { phase: 'apply', step: 'one', hosts: ['ctl1'], by: 'UANN' } as const;
    await one.engine.append(id, { type: 'RetryRequested', ...retry, hosts: ['ctl1'] });
    const found = await one.engine.until(id, 'found', (run) => theOne(run).alive !== undefined);

    expect(theOne(found)).toMatchObject({
      status: 'unknown',
      attempt: 2,
      alive: expect.arrayContaining([
        { pid: expect.any(Number), command: 'sleep 60, of attempt 1' },
      ]),
    });
    const pid = theOne(found).alive?.[0]?.pid ?? 0;
    expect(isThere(pid)).toBe(true);

    await one.engine.append(id, { type: 'AbortRequested', by: 'UANN' });
    const ended = await one.engine.until(id, 'ended', (run) => run.ended !== undefined);

    expect(ended.ended?.outcome).toBe('aborted');
    expect(isThere(pid)).toBe(false);
    expect(await readFile(`${one.dir}/starts`, 'utf8')).toBe('start\n');
  });

  it('meets no second start when all that is left of it is a child that the evidence names', async () => {
    one.engine.startWorker();
    const id = await one.begin(
      `echo start >>${one.dir}/starts; kill -9 $PPID; echo $$ >${one.dir}/pid; exec sleep 300`,
    );
    const lost = await one.engine.until(id, 'unknown', (run) => theOne(run).status === 'unknown');
    const pid = Number(await readFile(`${one.dir}/pid`, 'utf8'));
    expect(theOne(lost).evidence).toMatch(
      new RegExp(`these still run: .*\\b${pid} \\(sleep 300\\)`),
    );

    const retry = { phase: 'apply', step: 'one', hosts: ['ctl1'], by: 'UANN' } as const;
    await one.engine.append(id, { type: 'RetryRequested', ...retry, hosts: ['ctl1'] });
    const found = await one.engine.until(id, 'found', (run) => theOne(run).alive !== undefined);

    expect(theOne(found)).toMatchObject({
      status: 'unknown',
      attempt: 2,
      evidence: `still alive on ctl1: pid ${pid} (sleep 300, of attempt 1)`,
    });
    expect(await readFile(`${one.dir}/starts`, 'utf8')).toBe('start\n');
    process.kill(pid, 'SIGKILL');
  });

  it('is not called ended by an abort that found nothing of it', async () => {
    one.engine.startWorker();
    const id = await one.begin(
      `until rm -rf ~/.hopscotch/*; do :; done; kill -9 $PPID; echo $$ >${one.dir}/pid; exec env -u HOPSCOTCH_STEP sleep 300`,
    );
    await one.engine.until(id, 'unknown', (run) => theOne(run).status === 'unknown');
    const pid = Number(await readFile(`${one.dir}/pid`, 'utf8'));

    await one.engine.append(id, { type: 'AbortRequested', by: 'UANN' });
    const run = await one.engine.until(id, 'asked', (now) => theOne(now).alive !== undefined);

    expect(theOne(run)).toMatchObject({
      status: 'unknown',
      alive: [],
      evidence: expect.stringContaining('whether something of it still runs is not known'),
    });
    expect(run.ended).toBeUndefined();
    expect(isThere(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('lets a person end a run whose host never answers again', async () => {
    one.engine.startWorker();
    const id = await one.begin('sleep 2');
    await one.sshd.stop();
    await one.engine.append(id, { type: 'AbortRequested', by: 'UANN' });

    const silent = await one.engine.until(id, 'unknown', (run) => theOne(run).status === 'unknown');
    expect(silent.ended).toBeUndefined();
    await one.engine.append(id, {
      type: 'SkipRequested',
      by: 'UANN',
      reason: 'it burned down',
      phase: 'apply',
      step: 'one',
      hosts: ['ctl1'],
    });

    const run = await one.engine.until(id, 'ended', (now) => now.ended !== undefined);
    expect(run.ended?.outcome).toBe('aborted');
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
