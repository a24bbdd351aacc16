import { userInfo } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import { onProduct } from '../support/processes/on-product.ts';
import { eventuallyOnProduct } from '../support/processes/product.ts';
import { hopscotch, playSlackOutage, runUnderWay } from '../support/processes/slack-outage.ts';

const world = onProduct({ isMortal: true });
const { ann } = pretendPeople;

describe('the local door', () => {
  // `npm run test:slack-outage` plays it at full length.
  it('aborts and rolls back a run while Slack is down, and Slack is told all of it once', async () => {
    const told = await playSlackOutage(world, 0);
    const { run, answers } = told;

    const says = (words: string) => expect.stringContaining(words);
    expect(answers).toMatchObject({
      status: { exit: 0, out: says(`${run} Work · harbour`) },
      abort: { exit: 0, err: '', out: says('Aborting.') },
      watchAbort: { exit: 1, out: says('ended: aborted') },
      log: { out: says('begun') },
      rollback: { exit: 0 },
      watchRollback: { exit: 0, out: says('ended: rolled back') },
      again: { exit: 1, out: says('Nothing was done') },
    });
    expect(answers.abort.out).toContain(
      'Slack does not answer, so what it said about your account',
    );
    expect(told.made).toEqual(['here\n', 'gone']);
    const counted = (words: string): number =>
      told.thread.filter((line) => line.includes(words)).length;
    const door = `at the local door, as ${userInfo().username}; Slack was silent`;
    expect(counted('aborts the run')).toBe(1);
    expect(counted('rolls the run back')).toBe(1);
    expect(counted(door)).toBe(2);
    expect(told.channel).toEqual([...new Set(told.channel)]);
    expect(told.events.find(({ type }) => type === 'AbortRequested')).toMatchObject({
      by: ann.id,
      door: { account: userInfo().username, confirmedAt: expect.any(String) },
    });
  }, 120_000);

  it('tells a Slack that refuses the bot from one that is silent, and since when', async () => {
    const { product } = world;
    const { run } = await runUnderWay(product, world.sshd, 'pier');
    product.slack?.answer('*', { ok: false, error: 'token_revoked' });

    const aborted = await hopscotch(product, 'abort', run);
    expect(aborted.out).toContain('Slack refuses Hopscotch itself (token_revoked)');
    const status = await eventuallyOnProduct('a word of it in the status', async () => {
      const { out } = await hopscotch(product, 'status');
      return out.includes('takes no messages') ? out : undefined;
    });
    expect(status).toMatch(/Slack, since .*: it takes no messages from us \(token_revoked\)\./);
    expect(status).toContain('install the app again and take its new token');
  }, 60_000);

  it('says what is wrong where somebody is not named, and where nothing runs', async () => {
    const { product } = world;
    await product.addCloud('quay', world.sshd);
    expect(await hopscotch(product, 'abort', 'abcdef')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('abcdef'),
    });
    await product.halt();
    expect(await hopscotch(product, 'status')).toMatchObject({
      exit: 3,
      err: expect.stringContaining('door'),
    });
  }, 60_000);
});
