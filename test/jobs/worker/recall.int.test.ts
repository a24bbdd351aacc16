import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { oneStepEach, theOne } from '../../support/processes/one-step.ts';
import { work } from '../../support/runs/events.ts';
import { eventually } from '../../support/eventually.ts';

const one = oneStepEach();

/** A run of one step that counts its starts and ends once it is let go. */
async function beginRun(): Promise<string> {
  const script = `echo start >>${one.dir}/starts; until [ -e ${one.dir}/go ]; do sleep 0.1; done`;
  const id = await one.begin(script);
  await eventually(() => readFile(`${one.dir}/starts`, 'utf8').catch(() => undefined));
  return id;
}

/** Redis as it was so many events ago, under another id as after each start. */
async function goBack(id: string, kept: number): Promise<void> {
  const redis = one.engine.connect();
  const entries = await redis.xrange(eventsKey(id), '-', '+', 'COUNT', kept);
  const writing = redis.multi().del(eventsKey(id));
  for (const [entry, fields] of entries) writing.xadd(eventsKey(id), entry, ...fields);
  await writing.set('hopscotch:store', 'another').exec();
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
}

const versionOf = async (id: string, type: string): Promise<number> =>
  (await one.engine.store.events(id)).findIndex((event) => event.type === type) + 1;

describe('a store that lost its end', () => {
  it('is told by the hosts what began, and lets a person see it where a press was lost, too', async () => {
    one.engine.startWorker();
    const id = await beginRun();
    await goBack(id, await versionOf(id, 'ApprovalRequested'));

    const found = await one.engine.until(id, 'found', (run) => theOne(run).status === 'running');
    expect(found.paused?.reason).toBe('Redis lost the last events, and one runs on ctl1');
    await writeFile(`${one.dir}/go`, '');
    await one.engine.until(id, 'succeeded', (run) => theOne(run).status === 'succeeded');
    await one.engine.append(id, { type: 'Resumed', by: 'UBEN' });
    const run = await one.engine.until(id, 'ended', (now) => now.ended !== undefined);

    expect(run.ended?.outcome).toBe('succeeded');
    expect(await readFile(`${one.dir}/starts`, 'utf8')).toBe('start\n');
    const types = (await one.engine.store.events(id)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['StoreRestarted', 'HostRecalled']));
  });

  it('ends what it has forgotten before an abort is through', async () => {
    one.engine.startWorker();
    const id = await beginRun();
    await goBack(id, await versionOf(id, 'ApprovalGiven'));
    await one.engine.append(id, { type: 'AbortRequested', by: 'UBEN' });

    const run = await one.engine.until(id, 'ended', (now) => now.ended !== undefined);

    expect(run.ended?.outcome).toBe('aborted');
    expect(theOne(run)).toMatchObject({ status: 'stopped', began: true });
    expect(await readFile(`${one.dir}/starts`, 'utf8')).toBe('start\n');
  });

  it('begins nothing anew that its host has forgotten as well', async () => {
    const first = one.engine.startWorker();
    const script = `echo start >>${one.dir}/seconds; until [ -e ${one.dir}/go ]; do sleep 0.1; done`;
    const id = await one.begin('sleep 1', ['two', script]);
    const statusOf = (run: Run) => hostStep(run, work('two')).status;
    await one.engine.until(id, 'both began', (run) => statusOf(run) === 'running');
    await eventually(() => readFile(`${one.dir}/seconds`, 'utf8').catch(() => undefined));
    await first.drain();
    await writeFile(`${one.dir}/go`, '');
    // As after a reboot from an earlier snapshot: neither its records nor what ran are there.
    const records = join(one.sshd.home, '.hopscotch');
    spawnSync('pkill', ['-KILL', '-f', records]);
    await rm(records, { recursive: true });
    await goBack(id, await versionOf(id, 'StepStarted'));
    one.engine.startWorker();

    await one.engine.until(id, 'forgotten', (run) => theOne(run).status === 'unknown');
    const decided = { by: 'UBEN', phase: 'apply' as const, hosts: ['ctl1'] };
    const reason = 'it is done';
    await one.engine.append(id, { type: 'SkipRequested', ...decided, step: 'one', reason });
    const doubted = await one.engine.until(id, 'asked', (run) => statusOf(run) === 'unknown');
    expect(hostStep(doubted, work('two')).evidence).toContain('this may have begun as well');
    expect(await readFile(`${one.dir}/seconds`, 'utf8')).toBe('start\n');

    await one.engine.append(id, { type: 'RetryRequested', ...decided, step: 'two' });
    const run = await one.engine.until(id, 'ended', (now) => now.ended !== undefined);
    expect(run.ended?.outcome).toBe('succeeded');
    expect(await readFile(`${one.dir}/seconds`, 'utf8')).toBe('start\nstart\n');
  });
});
