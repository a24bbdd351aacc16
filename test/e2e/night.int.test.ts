import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { openRunTimes } from '../../jobs/redis/times/run-times-store.ts';
import { likenessKeys } from '../../jobs/run/durations/run-times.ts';
import { pretendPeople, upgradesChannel } from '../../sandbox/slack/people.ts';
import { onProduct, programStep, runOfText } from '../support/processes/on-product.ts';
import { eventuallyOnProduct } from '../support/processes/product.ts';
import { hopscotch } from '../support/processes/slack-outage.ts';
import { runRequest } from '../support/servers/test-store.ts';
import * as e from '../support/runs/events.ts';

const { ann, ben, chie } = pretendPeople;
const world = onProduct();
const talking =
  'i=0; until [ -e ~/go ]; do i=$((i+1)); echo "line $i"; sleep 0.2; done; seq 1 9000; echo password=hunter2-x9z';

/** What was shown in windows, one view after the other, as JSON. */
async function windows(): Promise<string[]> {
  const all = await world.product.workspace.control.log();
  return all
    .filter(({ summary, kind }) => `${kind} ${summary}`.includes('views.'))
    .map(({ detail }) => JSON.stringify(detail));
}
const window = (words: string | RegExp): Promise<string> =>
  eventuallyOnProduct(`a window that says ${String(words)}`, async () =>
    (await windows()).find((view) => view.search(words) !== -1),
  );

const lastLine = (view: string): number =>
  Math.max(0, ...[...view.matchAll(/line (\d+)/g)].map(([, nth]) => Number(nth)));

let run: string;
beforeAll(async () => {
  const access = {
    engineers: [ann.id, chie.id],
    approvers: [ben.id],
    localUsers: { [userInfo().username]: chie.id },
  };
  await world.product.addCloud('pier', world.sshd, { access });
  await world.product.addRunbook('night', {
    title: 'Night',
    steps: [
      { ...programStep('flag'), params: { run: ['true'] } },
      {
        ...programStep('make'),
        params: { run: ['sh', '-c', 'echo here >~/made'], undo: [['sh', '-c', 'rm ~/made']] },
      },
      programStep('talk', 'sh', '-c', talking),
    ],
  });
  await world.type('run pier night');
  await world.press(await world.requestOn('Night'), 'run.approve', ben);
  run = runOfText(await world.cardOf('Night · pier', 'talk on ctl1'));
}, 60_000);

const card = (words: string) => world.cardOf('Night · pier', words);

describe('a night with a run', () => {
  it('shows what a step prints while it runs, and how it ends', async () => {
    await world.press(await card('talk on ctl1'), 'look.output', ann);
    const first = lastLine(await window(/line \d/));
    await eventuallyOnProduct(
      'what it printed since',
      async () => (await windows()).some((view) => lastLine(view) > first) || undefined,
    );
    await writeFile(join(world.sshd.home, 'go'), '');
    const last = await window('succeeded');
    expect(last).toContain('9000');
    expect(last).not.toContain('hunter2');
  }, 60_000);

  it('brings all of what it printed as a file', async () => {
    const told = await world.told(ann, () => world.type(`log ${run} talk ctl1 whole`));
    expect(told).toContain("It stands in the run's thread as a file.");
    const [file = ''] = await world.product.workspace.uploads();
    expect(file).toMatch(/^line 1\nline 2\n/);
    expect(file).toContain('\n4444\n');
    expect(file.trimEnd()).toMatch(/\n9000\npassword=\[REDACTED.*\]$/);
  }, 60_000);

  it('rolls back from its window once a second person confirms, for one price on every way', async () => {
    const { submitModal } = world.product.workspace;
    await world.press(await card('succeeded'), 'run.rollback', ann);
    const price = ['No database goes back', 'Stays as it is: flag', 'no host', '2 steps on 1 host'];
    const view = await window('2 steps on 1 host');
    await submitModal({
      user: ann.id,
      values: {
        words: { text: { type: 'plain_text_input', value: 'pier keeps flag' } },
        reason: { text: { type: 'plain_text_input', value: 'the lights are out' } },
      },
    });
    const asked = await card('the lights are out');
    const door = await hopscotch(world.product, 'rollback', run);
    for (const line of price)
      for (const said of [view, JSON.stringify(asked.blocks), door.out])
        expect(said).toContain(line);
    expect(door.out).toContain('needs a second person');
    expect(await readFile(join(world.sshd.home, 'made'), 'utf8')).toBe('here\n');

    const confirmed = await world.told(ben, () => world.press(asked, 'run.confirm', ben));
    expect(confirmed).toContain('Confirmed.');
    for (const line of price) expect(confirmed).toContain(line);
    await card('rolled back to before make');
    await expect(readFile(join(world.sshd.home, 'made'))).rejects.toThrow('ENOENT');
    const events = await world.product.store((store) => store.events(run));
    expect(events.find(({ type }) => type === 'RollbackRequested')).toMatchObject({
      by: ben.id,
      askedBy: ann.id,
    });
  }, 60_000);

  it('wakes people within seconds once a step takes over twice its usual time', async () => {
    const { plan, ...first } = runRequest();
    const [step] = plan.steps;
    const before = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
    const worker = await world.product.pidOf('worker');
    process.kill(worker, 'SIGSTOP');
    try {
      await world.product.store(async (store, redis) => {
        const keys = step === undefined ? [] : [...likenessKeys(step, 'apply')];
        await openRunTimes(redis).save({
          run: 'earlier',
          cloud: 'staging',
          at: before(9000),
          steps: [{ keys, ms: [60_000, 60_000] }],
          pauses: [],
        });
        await store.create({
          ...first,
          at: before(130),
          plan: { ...plan, channel: upgradesChannel.id },
        });
        await store.append(first.run, () => ({ ...e.hostReady('ctl1'), at: before(129) }));
        await store.append(first.run, () => ({ ...e.started(e.work('restart')), at: before(121) }));
      });
      const woken = await world.product.workspace.waitFor(
        (all) => all.find(({ text }) => text.includes('takes over twice its usual 60 s')),
        { what: 'a message that wakes people', deadlineMs: 20_000 },
      );
      expect(woken.text).toContain('needs a look');
    } finally {
      process.kill(worker, 'SIGCONT');
    }
  }, 60_000);
});
