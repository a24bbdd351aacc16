import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import type { WorkspaceMessage } from '../../sandbox/slack/slack.ts';
import { productEntrance } from '../support/processes/entrance.ts';
import { onProduct, runOfText } from '../support/processes/on-product.ts';
import { eventuallyOnProduct, messageText } from '../support/processes/product.ts';

const world = onProduct({ isMortal: true });
const { ann, ben } = pretendPeople;

interface Told {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** `npx hopscotch WORDS`, as the user of this machine that runs the tests. */
async function hopscotch(...words: readonly string[]): Promise<Told> {
  const entrance = await productEntrance('cli/main');
  const env = { PATH: process.env['PATH'], DATA_DIR: join(world.product.dir, 'data') };
  const asking = promisify(execFile)(process.execPath, [...entrance, ...words], { env });
  return asking.then(
    ({ stdout, stderr }) => ({ exit: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exit: code,
      out: stdout,
      err: stderr,
    }),
  );
}

const file = (): Promise<string> =>
  readFile(join(world.sshd.home, 'made'), 'utf8').catch(() => 'gone');
const step = (id: string, run: readonly string[], undo: readonly (readonly string[])[]) => ({
  id,
  title: id,
  kind: 'command',
  on: 'all',
  params: { run, undo },
});

/** A run of ann, whose first step is done and whose second one goes on; its card. */
async function runUnderWay(): Promise<WorkspaceMessage> {
  const { product } = world;
  const access = {
    engineers: [ann.id],
    approvers: [ben.id],
    localUsers: { [userInfo().username]: ann.id },
  };
  await product.addCloud('harbour', world.sshd, { access });
  await product.addRunbook('harbour', {
    title: 'Work',
    steps: [
      step('make', ['sh', '-c', 'echo here >~/made'], [['sh', '-c', 'rm ~/made']]),
      step('wait', ['sh', '-c', 'echo begun; sleep 300; echo done'], []),
    ],
  });
  await world.type('run harbour harbour');
  const request = await world.requestOn('harbour');
  await world.press(request, 'run.approve');
  return world.cardOf('Work · harbour', 'wait on ctl1');
}

describe('the local door', () => {
  it('aborts and rolls back a run while Slack is down, and Slack is told all of it once', async () => {
    const { product } = world;
    const card = await runUnderWay();
    const run = runOfText(card);

    await product.slack?.die();
    expect(await hopscotch('status')).toMatchObject({
      exit: 0,
      out: expect.stringContaining(`${run} Work · harbour`),
    });
    const aborted = await hopscotch('abort', run);
    expect(aborted).toMatchObject({ exit: 0, err: '' });
    expect(aborted.out).toContain('Aborting.');
    expect(aborted.out).toContain('Slack does not answer, so what it said about your account');
    expect(await hopscotch('watch', run)).toMatchObject({
      exit: 1,
      out: expect.stringContaining('ended: aborted'),
    });
    expect(await file()).toBe('here\n');
    expect((await hopscotch('log', run, 'wait')).out).toContain('begun');

    expect((await hopscotch('rollback', run)).exit).toBe(0);
    expect(await hopscotch('watch', run)).toMatchObject({
      exit: 0,
      out: expect.stringContaining('ended: rolled back'),
    });
    expect(await file()).toBe('gone');
    const again = await hopscotch('abort', run);
    expect([again.exit, again.out]).toEqual([1, expect.stringContaining('Nothing was done')]);

    await product.slack?.live();
    await world.cardOf('Work · harbour', 'Rolled back');
    const thread = await eventuallyOnProduct('the whole thread', async () => {
      const lines = (await product.workspace.control.thread(card.ts)).map(messageText);
      return lines.some((line) => line.includes('rolled back')) ? lines : undefined;
    });
    const counted = (words: string): number => thread.filter((line) => line.includes(words)).length;
    const door = `at the local door, as ${userInfo().username}; Slack was silent`;
    expect(counted('aborts the run')).toBe(1);
    expect(counted('rolls the run back')).toBe(1);
    expect(counted(door)).toBe(2);
    const events = await product.store((store) => store.events(run));
    expect(events.find(({ type }) => type === 'AbortRequested')).toMatchObject({
      by: ann.id,
      door: { account: userInfo().username, confirmedAt: expect.any(String) },
    });
  }, 120_000);

  it('says what is wrong where somebody is not named, and where nothing runs', async () => {
    await world.product.addCloud('quay', world.sshd);
    const { exit, out } = await hopscotch('abort', 'abcdef');
    expect([exit, out]).toEqual([1, expect.stringContaining('abcdef')]);
    await world.product.halt();
    expect(await hopscotch('status')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('door'),
    });
  }, 60_000);
});
