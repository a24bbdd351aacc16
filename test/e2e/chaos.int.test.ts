import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { executionId } from '../../jobs/run/events.ts';
import { openOutputs } from '../../jobs/redis/output.ts';
import { hostStep } from '../../jobs/run/run.ts';
import { onProduct, programStep } from '../support/processes/on-product.ts';
import { eventuallyOnProduct } from '../support/processes/product.ts';
import type { TestSshd } from '../support/servers/sshd.ts';

const world = onProduct();
const work = { phase: 'apply', step: 'print', host: 'ctl1', attempt: 1 } as const;

/** Counts its starts, and prints for two minutes unless it is let go, with characters that a packet may cut in two. */
const print = `echo start >>"$HOME/starts"
n=0
while [ $n -lt 240 ]; do
  n=$((n + 1))
  echo "line $n: äöü ✓ $(printf %0500d $n)"
  [ -e "$HOME/go" ] || sleep 0.5
done
exit 7`;

it('a long step runs once, whatever is killed meanwhile', async () => {
  const { product, sshd } = world;
  const step = programStep('print', 'sh', '-c', print);
  await product.addCloud('rough', sshd);
  await product.addRunbook('print', {
    title: 'Much',
    steps: [{ ...step, params: { ...step.params, okExits: [0, 7] } }],
  });
  await world.type('run rough print');
  await world.press(await world.requestOn('rough'), 'run.approve');
  await eventuallyOnProduct('some output', async () => (await keptBytes()) > 0 || undefined);

  await product.kill9('worker');
  await reattached(1);
  sshd.cut();
  await reattached(2);
  const kept = await keptBytes();
  await product.kill9('redis');
  await eventuallyOnProduct('more output', async () => (await keptBytes()) > kept || undefined);
  await product.killBot();
  expect(await ending(sshd)).toBeUndefined();
  await writeFile(join(sshd.home, 'go'), '');

  const card = await world.cardOf('Much · rough', 'succeeded', 90_000);

  const { output, exit } = await undisturbed(product.dir);
  expect(exit).toBe(7);
  expect(await readFile(join(sshd.home, 'starts'), 'utf8')).toBe('start\n');
  expect(await ending(sshd)).toEqual({ output, exit: '7' });
  expect(hostStep(await lastRun(), work)).toMatchObject({
    status: 'succeeded',
    attempt: 1,
    exitCode: exit,
    sizeBytes: Buffer.byteLength(output),
    sha256: createHash('sha256').update(output).digest('hex'),
  });
  const thread = await eventuallyOnProduct('end of the thread', async () => {
    const all = await world.threadOf(card);
    return all.includes('succeeded') ? all : undefined;
  });
  expect(thread).toContain('re-attached');
  expect(thread).toContain('the worker that followed it had ended or fallen silent');
  expect(thread).toContain('the link to the host was lost');
}, 170_000);

/** The same script with nobody in between. */
async function undisturbed(home: string): Promise<{ output: string; exit: number | null }> {
  await writeFile(join(home, 'go'), '');
  const child = spawn('sh', ['-c', print], { env: { PATH: process.env['PATH'], HOME: home } });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [exit] = await once(child, 'close');
  return { output: Buffer.concat(chunks).toString(), exit };
}

const lastRun = () =>
  world.product.store(async (store) => store.load((await store.lastOf('rough')) ?? ''));

/** How much of the output our Redis has so far. */
const keptBytes = (): Promise<number> =>
  world.product.store(async (store, redis) => {
    const run = (await store.lastOf('rough')) ?? '';
    return (await openOutputs(redis).read(run, executionId(run, work)))?.sizeBytes ?? 0;
  });

/** Until it was taken up in the middle so many times. */
const reattached = (times: number): Promise<true> =>
  eventuallyOnProduct(`re-attachment ${times}`, () =>
    world.product.store(async (store) => {
      const events = await store.events((await store.lastOf('rough')) ?? '');
      const found = events.filter((event) => event.type === 'Reattached' && event.fromByte > 0);
      return found.length >= times || undefined;
    }),
  );

/** The whole output and the exit code as the host has them, whatever we think; undefined while it runs. */
async function ending({ home }: TestSshd): Promise<{ output: string; exit: string } | undefined> {
  const [exec = ''] = await readdir(join(home, '.hopscotch'));
  const record = (name: string) => readFile(join(home, '.hopscotch', exec, name), 'utf8');
  const exit = (await record('exit').catch(() => undefined))?.split(' ')[0];
  return exit === undefined ? undefined : { output: await record('out'), exit };
}
