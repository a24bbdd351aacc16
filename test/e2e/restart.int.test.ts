import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceMessage } from '../../sandbox/slack/slack.ts';
import { onProduct, programStep } from '../support/processes/on-product.ts';
import { eventuallyOnProduct, messageText } from '../support/processes/product.ts';
import { type TestSshd, startTestSshd } from '../support/servers/sshd.ts';

const world = onProduct();

/** The mark that every message of a run carries in its first block: the same for the same message, whatever it says. */
const keyOf = ({ blocks }: WorkspaceMessage): string | undefined =>
  /^hopscotch\.\w+\.\w+\./.exec(blocks?.[0]?.block_id ?? '')?.[0];

/** How often each message of our runs stands in the channel or its threads. */
async function copies(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const key of (await world.messages()).map(keyOf)) {
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function addWork(cloud: string, script: string, sshd: TestSshd): Promise<void> {
  const step = { ...programStep('work', 'sh', '-c', script), title: 'Work' };
  await world.product.addCloud(cloud, sshd);
  await world.product.addRunbook(cloud, { title: 'Work', steps: [step] });
  await world.type(`run ${cloud} ${cloud}`);
}

const cardOf = (cloud: string, words: string): Promise<WorkspaceMessage> =>
  world.cardOf(`Work · ${cloud}`, words);

describe('a stop of everything by SIGTERM and a new start', () => {
  let before: {
    request: WorkspaceMessage;
    waiting: WorkspaceMessage;
    working: WorkspaceMessage;
    isRunning: boolean;
  };

  let other: TestSshd;

  beforeAll(async () => {
    // No host of two runs at once is the same machine.
    other = await startTestSshd();
    await addWork('harbour', 'echo ahoy', other);
    await addWork(
      'quay',
      'echo start >>~/starts; echo begun; until [ -e ~/go ]; do sleep 0.1; done; echo done',
      world.sshd,
    );
    await world.press(await world.requestOn('quay'), 'run.approve');
    const request = await world.requestOn('harbour');
    const waiting = await cardOf('harbour', 'needs approval of');
    await eventuallyOnProduct('start of the step', starts);
    const working = await cardOf('quay', 'Work on ctl1');
    expect(await world.product.halt()).toBe(0);
    before = { request, waiting, working, isRunning: await isRunning() };
    await world.product.start();
  }, 60_000);
  afterAll(() => other.stop());

  it('leaves a run that waits for approval where it is, with its buttons', async () => {
    const { request, waiting: card } = before;
    await world.press(request, 'run.approve');

    const ended = await cardOf('harbour', 'succeeded');
    expect(ended.ts).toBe(card.ts);
    // It was said once more after the start, and Slack takes another change seconds later.
    const all = await eventuallyOnProduct('the approved request', async () => {
      const messages = await world.messages();
      const { text = '' } = messages.find(({ ts }) => ts === request.ts) ?? {};
      return text.includes('Approved steps from Work') ? messages : undefined;
    });
    expect(all.some(({ thread_ts }) => thread_ts === card.ts)).toBe(true);
    await wholeThread(card);
    expect(new Set(Object.values(await copies()))).toEqual(new Set([1]));
  }, 60_000);

  it('leaves a step running on its host, and attaches to it again', async () => {
    const { working: card } = before;
    expect(before.isRunning).toBe(true);
    await cardOf('quay', 're-attached');
    await writeFile(join(world.sshd.home, 'go'), '');

    const ended = await cardOf('quay', 'succeeded');
    expect(ended.ts).toBe(card.ts);
    expect(await starts()).toBe('start\n');
    const output = await eventuallyOnProduct('the output', async () =>
      (await world.messages()).find(
        ({ blocks, thread_ts }) =>
          thread_ts === card.ts && JSON.stringify(blocks).includes('`done`'),
      ),
    );
    expect(messageText(output)).toContain('`begun`');
    await wholeThread(card);
    expect(new Set(Object.values(await copies()))).toEqual(new Set([1]));
  }, 60_000);
});

const starts = (): Promise<string | undefined> =>
  readFile(join(world.sshd.home, 'starts'), 'utf8').catch(() => undefined);

const wholeThread = (card: WorkspaceMessage): Promise<true> =>
  eventuallyOnProduct(
    'whole thread',
    async () => (await world.threadOf(card)).includes('Run `') || undefined,
  );

/** Whether the step of the quay is alive on its host. */
async function isRunning(): Promise<boolean> {
  const root = join(world.sshd.home, '.hopscotch');
  for (const name of await readdir(root)) {
    const [pid] = (await readFile(join(root, name, 'pid'), 'utf8')).split(' ');
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(name)) return true;
  }
  return false;
}
