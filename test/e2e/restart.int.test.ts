import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { people } from '../../sandbox/people.ts';
import type { Message } from '../../sandbox/slack.ts';
import { type Product, buttons, eventually, said, startProduct } from '../support/product.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

let product: Product;
let sshd: Sshd;

beforeAll(async () => {
  [product, sshd] = await Promise.all([startProduct(), startSshd()]);
}, 60_000);

afterAll(async () => {
  await product.stop();
  await sshd.stop();
});

const { ann, ben } = people;

const messages = (): Promise<Message[]> => product.workspace.control.messages();

/** The mark that every message of a run carries in its first block: the same for the same message, whatever it says. */
const keyOf = ({ blocks }: Message): string | undefined =>
  /^hopscotch\.\w+\.\w+\./.exec(blocks?.[0]?.block_id ?? '')?.[0];

/** How often each message of our runs stands in the channel or its threads. */
async function copies(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const key of (await messages()).map(keyOf)) {
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const cardOf = (cloud: string, words: string): Promise<Message> =>
  product.workspace.waitFor(
    (all) =>
      all.find(
        (message) => message.text.startsWith(`Work · ${cloud}:`) && said(message).includes(words),
      ),
    { what: `the card of ${cloud} that says: ${words}`, deadlineMs: 40_000 },
  );

const requestOn = (cloud: string): Promise<Message> =>
  product.workspace.waitFor(
    (all) =>
      all.find(
        (message) => buttons(message).includes('run.approve') && said(message).includes(cloud),
      ),
    { what: `the request for approval on ${cloud}` },
  );

async function addWork(cloud: string, script: string): Promise<void> {
  await product.addCloud(cloud, sshd);
  await product.addRunbook(cloud, {
    title: 'Work',
    steps: [
      {
        id: 'work',
        title: 'Work',
        kind: 'command',
        on: 'all',
        params: { run: ['sh', '-c', script], undo: [] },
      },
    ],
  });
  await product.workspace.control.command({ user: ann.id, text: `run ${cloud} ${cloud}` });
}

const approve = ({ ts }: Message): Promise<void> =>
  product.workspace.control.click({ user: ben.id, ts, actionId: 'run.approve' });

describe('a stop of everything by SIGTERM and a new start', () => {
  it('leaves a run that waits for approval where it is, with its buttons', async () => {
    await addWork('harbour', 'echo ahoy');
    const request = await requestOn('harbour');
    const card = await cardOf('harbour', 'waits for approval');
    const before = await messages();

    expect(await product.halt()).toBe(0);
    await product.start();
    await approve(request);

    const ended = await cardOf('harbour', 'succeeded');
    expect(ended.ts).toBe(card.ts);
    const decided = (await messages()).find(({ ts }) => ts === request.ts);
    expect(decided?.text).toContain('Approved before Work');
    const thread = (await messages()).filter(({ thread_ts }) => thread_ts === card.ts);
    expect(thread.length).toBeGreaterThan(0);
    expect(before.map(({ ts }) => ts)).toEqual(expect.arrayContaining([card.ts, request.ts]));
    await eventually(
      'whole thread',
      async () =>
        (await messages()).some((message) => said(message).includes('Run `')) || undefined,
    );
    expect(new Set(Object.values(await copies()))).toEqual(new Set([1]));
  }, 60_000);

  it('leaves a step running on its host, and attaches to it again', async () => {
    const go = join(sshd.home, 'go');
    await addWork(
      'quay',
      'echo start >>~/starts; echo begun; until [ -e ~/go ]; do sleep 0.1; done; echo done',
    );
    await approve(await requestOn('quay'));
    const started = join(sshd.home, 'starts');
    await eventually('start of the step', () => readFile(started, 'utf8').catch(() => undefined));
    const card = await cardOf('quay', 'Work on ctl1');

    expect(await product.halt()).toBe(0);
    expect(await isRunning()).toBe(true);
    await product.start();
    await cardOf('quay', 're-attached');
    await writeFile(go, '');

    const ended = await cardOf('quay', 'succeeded');
    expect(ended.ts).toBe(card.ts);
    expect(await readFile(started, 'utf8')).toBe('start\n');
    const output = await eventually('the output', async () =>
      (await messages()).find(
        ({ blocks, thread_ts }) =>
          thread_ts === card.ts && JSON.stringify(blocks).includes('`done`'),
      ),
    );
    expect(said(output)).toContain('`begun`');
    expect(new Set(Object.values(await copies()))).toEqual(new Set([1]));
  }, 60_000);
});

/** Whether the step of the quay is alive on its host. */
async function isRunning(): Promise<boolean> {
  const root = join(sshd.home, '.hopscotch');
  for (const name of await readdir(root)) {
    const [pid] = (await readFile(join(root, name, 'pid'), 'utf8')).split(' ');
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(name)) return true;
  }
  return false;
}
