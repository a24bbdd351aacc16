import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { hostStep } from '../../jobs/run.ts';
import { openStore } from '../../jobs/store.ts';
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

/** Counts its starts, and prints for a minute, with characters that a packet may cut in two. */
const minute = `echo start >>"$HOME/starts"
n=0
while [ $n -lt 120 ]; do
  n=$((n + 1))
  echo "line $n: äöü ✓ $(printf %0500d $n)"
  sleep 0.5
done
exit 7`;

it('a step of a minute runs once, whatever is killed meanwhile', async () => {
  await product.addCloud('rough', sshd);
  await product.addRunbook('minute', {
    title: 'A minute',
    steps: [
      {
        id: 'minute',
        title: 'Print for a minute',
        kind: 'command',
        on: 'all',
        params: { run: ['sh', '-c', minute], okExits: [0, 7], undo: [] },
      },
    ],
  });
  const undisturbed = runHere(product.dir);
  await start('rough');
  const home = join(sshd.home, 'starts');
  await eventually('start of the step', () => readFile(home, 'utf8').catch(() => undefined));

  await pause(8);
  await product.kill9('worker');
  await pause(10);
  sshd.cut();
  await pause(10);
  await product.kill9('redis');
  await pause(10);
  await product.kill9('bot');

  const card = await finished('rough');

  const { output, exit } = await undisturbed;
  expect(exit).toBe(7);
  expect(await readFile(home, 'utf8')).toBe('start\n');
  expect(await outputOn(sshd)).toEqual({ output, exit: '7' });
  expect(await recordOf('rough')).toMatchObject({
    status: 'succeeded',
    attempt: 1,
    exit,
    sizeBytes: Buffer.byteLength(output),
    sha256: createHash('sha256').update(output).digest('hex'),
  });
  const thread = await eventually('end of the thread', async () => {
    const all = await threadOf(card);
    return all.includes('succeeded') ? all : undefined;
  });
  expect(thread).toContain('re-attached');
  expect(thread).toContain('the worker that followed it had ended');
  expect(thread).toContain('the link to the host was lost');
}, 170_000);

/** The same script with nobody in between. */
async function runHere(home: string): Promise<{ output: string; exit: number | null }> {
  const child = spawn('sh', ['-c', minute], { env: { PATH: process.env['PATH'], HOME: home } });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exit] = await once(child, 'close');
  return { output: Buffer.concat(chunks).toString(), exit };
}

/** Starts the run as one person and approves it as another. */
async function start(cloud: string): Promise<void> {
  const { control, waitFor } = product.workspace;
  await control.command({ user: people.ann.id, text: `run ${cloud} minute` });
  const asked = await waitFor(
    (all) =>
      all.find((message) => buttons(message).includes('run.approve') && isAbout(message, cloud)),
    { what: `the request for approval on ${cloud}` },
  );
  await control.click({ user: people.ben.id, ts: asked.ts, actionId: 'run.approve' });
}

const isAbout = (message: Message, cloud: string): boolean => said(message).includes(cloud);

const finished = (cloud: string): Promise<Message> =>
  product.workspace.waitFor(
    (all) =>
      all.find(
        (message) =>
          message.thread_ts === undefined &&
          isAbout(message, cloud) &&
          said(message).includes('succeeded'),
      ),
    { what: `the finished card of ${cloud}`, deadlineMs: 90_000 },
  );

async function threadOf({ ts }: Message): Promise<string> {
  return (await product.workspace.control.thread(ts)).map(said).join('\n');
}

/** The whole output and the exit code as the host has them, whatever we think. */
async function outputOn({ home }: Sshd): Promise<{ output: string; exit: string }> {
  const [exec = ''] = await readdir(join(home, '.hopscotch'));
  const directory = join(home, '.hopscotch', exec);
  const exit = (await readFile(join(directory, 'exit'), 'utf8')).split(' ')[0] ?? '';
  return { output: await readFile(join(directory, 'out'), 'utf8'), exit };
}

/** What our log says of the step. */
async function recordOf(cloud: string) {
  const redis = new Redis(join(product.dir, 'data/redis/redis.sock'));
  try {
    const store = openStore(redis);
    const run = await store.load((await store.lastOf(cloud)) ?? '');
    return hostStep(run, { phase: 'apply', step: 'minute', host: 'ctl1' });
  } finally {
    redis.disconnect();
  }
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
