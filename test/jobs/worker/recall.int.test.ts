import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventsKey } from '../../../jobs/redis/entries.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { work } from '../../support/runs/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let dir: string;

beforeEach(async () => {
  [parts, sshd, dir] = await Promise.all([
    runningEngine(),
    startTestSshd(),
    mkdtemp(join(tmpdir(), 'hopscotch-recall-')),
  ]);
});

afterEach(async () => {
  await parts.stop();
  await sshd.stop();
  await rm(dir, { recursive: true, force: true });
});

const one = (run: Run) => hostStep(run, work('one'));

/** A run of one step that counts its starts and ends once it is let go. */
async function beginRun(): Promise<string> {
  const script = `echo start >>${dir}/starts; until [ -e ${dir}/go ]; do sleep 0.1; done`;
  const words = ['sh', '-c', script];
  const step = { id: 'one', params: { run: words, undo: [] }, apply: [{ words }] };
  const id = await parts.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [step]));
  await parts.approve(id);
  await parts.until(id, 'running', (run) => one(run).status === 'running');
  await eventually(() => readFile(`${dir}/starts`, 'utf8').catch(() => undefined));
  return id;
}

/** Redis as it was so many events ago, under another id as after each start. */
async function goBack(id: string, kept: number): Promise<void> {
  const redis = parts.connect();
  const entries = await redis.xrange(eventsKey(id), '-', '+', 'COUNT', kept);
  const writing = redis.multi().del(eventsKey(id));
  for (const [entry, fields] of entries) writing.xadd(eventsKey(id), entry, ...fields);
  await writing.set('hopscotch:store', 'another').exec();
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
}

const versionOf = async (id: string, type: string): Promise<number> =>
  (await parts.store.events(id)).findIndex((event) => event.type === type) + 1;

describe('a store that lost its end', () => {
  it('is told by the hosts what began, and lets a person see it where a press was lost, too', async () => {
    parts.startWorker();
    const id = await beginRun();
    await goBack(id, await versionOf(id, 'ApprovalRequested'));

    const found = await parts.until(id, 'found', (run) => one(run).status === 'running');
    expect(found.paused?.reason).toBe('Redis lost the last events, and one runs on ctl1');
    await writeFile(`${dir}/go`, '');
    await parts.until(id, 'succeeded', (run) => one(run).status === 'succeeded');
    await parts.append(id, { type: 'Resumed', by: 'UBEN' });
    const run = await parts.until(id, 'ended', (now) => now.ended !== undefined);

    expect(run.ended?.outcome).toBe('succeeded');
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
    const types = (await parts.store.events(id)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['StoreRestarted', 'HostRecalled']));
  });

  it('ends what it has forgotten before an abort is through', async () => {
    parts.startWorker();
    const id = await beginRun();
    await goBack(id, await versionOf(id, 'ApprovalGiven'));
    await parts.append(id, { type: 'AbortRequested', by: 'UBEN' });

    const run = await parts.until(id, 'ended', (now) => now.ended !== undefined);

    expect(run.ended?.outcome).toBe('aborted');
    expect(one(run)).toMatchObject({ status: 'stopped', began: true });
    expect(await readFile(`${dir}/starts`, 'utf8')).toBe('start\n');
  });
});
