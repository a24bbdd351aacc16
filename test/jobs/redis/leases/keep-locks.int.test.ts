import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  renewLocks,
  watchAbandoned,
  watchTurns,
} from '../../../../jobs/redis/leases/renew-locks.ts';
import { lockMs } from '../../../../jobs/redis/leases/job-locks.ts';
import { type RunningEngine, planOn, runningEngine } from '../../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../../support/servers/sshd.ts';

let engine: RunningEngine;
let sshd: TestSshd;
let child: ChildProcess | undefined;

beforeAll(async () => {
  [engine, sshd] = await Promise.all([runningEngine(), startTestSshd()]);
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await engine.stop();
  await sshd.stop();
});

it('a worker whose event loop is busy for longer than a lock lasts goes on following alone', async () => {
  const entrance = join(import.meta.dirname, '../../../support/processes/step-worker-child.ts');
  const { url: REDIS_URL } = engine.redis;
  child = fork(entrance, [], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, REDIS_URL, KEEPS: process.env['KEEPS'] ?? 'yes' },
  });
  await once(child, 'message');
  const words = ['sh', '-c', 'until [ -e "$HOME/go" ]; do sleep 0.1; done'];
  const run = await engine.begin(
    planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [
      { id: 'wait', params: { run: words, undo: [] }, apply: [{ words }] },
    ]),
  );
  await engine.approve(run);
  await engine.until(
    run,
    'running',
    ({ apply }) => apply['wait']?.get('ctl1')?.status === 'running',
  );

  child.send(lockMs + 3000);
  engine.startWorker();
  await sleep(lockMs + 3000);
  await writeFile(join(sshd.home, 'go'), '');
  await engine.until(run, 'ended', ({ ended }) => ended !== undefined);

  const types = (await engine.store.events(run)).map(({ type }) => type);
  expect(types).toContain('StepSucceeded');
  expect(types).not.toContain('Reattached');
}, 60_000);

it('renews its own locks alone, and none that has run out', async () => {
  const redis = engine.connect();
  const base = 'hopscotch:queue:presses:';
  await redis.rpush(`${base}active`, 'mine', 'other', 'gone');
  await redis.set(`${base}mine:lock`, 'w1:0', 'PX', 2000);
  await redis.set(`${base}other:lock`, 'w10:0', 'PX', 2000);

  expect(await renewLocks(redis, 'presses', 'w1')).toEqual(['mine']);

  expect(await redis.pttl(`${base}mine:lock`)).toBeGreaterThan(2000);
  expect(await redis.pttl(`${base}other:lock`)).toBeLessThanOrEqual(2000);
  expect(await redis.exists(`${base}gone:lock`)).toBe(0);
});

it('leaves the lock of an abandoned job to run out', async () => {
  const redis = engine.connect();
  await redis.rpush('hopscotch:queue:cards:active', 'left');
  await redis.set('hopscotch:queue:cards:left:lock', 'w1:0', 'PX', 2000);

  expect(await renewLocks(redis, 'cards', 'w1', ['left'])).toEqual(['left']);

  expect(await redis.pttl('hopscotch:queue:cards:left:lock')).toBeLessThanOrEqual(2000);
});

it("calls abandoned what is ours in Redis for some turns of the loop, and in nobody's hand", () => {
  const abandoned = watchAbandoned();
  const at = (turns: number, inHand: readonly string[] = []): string[] =>
    abandoned('w1', ['a', 'b'], { turns, inHand: new Set(inHand) });

  expect([at(1, ['a']), at(2, ['a']), at(2, ['a']), at(2, ['a'])]).toEqual([[], [], [], []]);
  expect([at(4, ['a']), at(5, ['a', 'b']), at(6), at(9, ['b'])]).toEqual([['b'], [], [], ['a']]);
});

it('a loop that has not turned for a minute is dead until it turns again', () => {
  const isTurning = watchTurns();
  const turns: readonly (readonly [count: number, seconds: number])[] = [
    [1, 0],
    [1, 59],
    [2, 100],
    [2, 159],
    [2, 160],
    [3, 200],
  ];
  expect(turns.map(([count, seconds]) => isTurning(count, seconds * 1000))).toEqual([
    true,
    true,
    true,
    true,
    false,
    true,
  ]);
});
