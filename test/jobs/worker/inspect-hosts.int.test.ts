import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { command } from '../../../handlers/contract/command.ts';
import { type HostInspector, openHostInspector } from '../../../jobs/redis/host-inspector.ts';
import { keepAnswer } from '../../../jobs/redis/inspect-request.ts';
import { plainKeeping } from '../../../jobs/redis/seal/seal.ts';
import { openWorker } from '../../../jobs/redis/queues/open-worker.ts';
import { type WholeAsked, outputPath, readWholeOutput } from '../../../jobs/redis/whole-output.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import * as e from '../../support/runs/events.ts';
import { type RunningEngine, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let lookout: HostInspector;

beforeAll(async () => {
  [parts, sshd] = await Promise.all([runningEngine(), startTestSshd()]);
  lookout = openHostInspector(parts.connect, { seal: plainKeeping.seal, timeoutMs: 2000 });
});

afterAll(async () => {
  await lookout.close();
  await parts.stop();
  await sshd.stop();
});

/** A worker in the place of the real one, while `body` runs. */
async function withWorker(
  work: (job: { readonly data: { readonly id: string } }) => Promise<unknown>,
  body: () => Promise<void>,
): Promise<void> {
  const log = pino({ level: 'silent' });
  const worker = openWorker('steps', work, { connection: parts.connect(), log });
  try {
    await body();
  } finally {
    await worker.close();
  }
}

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A run on this host, or on a port of its machine where nobody answers. */
function planned(on: TestSshd, port?: number): RunEvent {
  const host = { ...on.target({ host: 'ctl1' }), ...(port !== undefined && { port }) };
  return e.requested({ ...e.planOf(e.step('stop')), targets: { ctl1: host } });
}

describe('a look at hosts', () => {
  it('says that no worker answers', async () => {
    await expect(lookout.look('none', { become: false, hosts: {} })).rejects.toMatchObject({
      name: 'NoWorker',
      hint: expect.stringContaining('npm run worker'),
    });
  });

  it('hears of an answer that was there before it could listen', async () => {
    const seal = plainKeeping.seal;
    const answers = { ctl1: { outputs: [] } };
    const asked: unknown[] = [];
    await withWorker(
      ({ data: { id } }) => keepAnswer({ redis: parts.connect(), seal }, id, answers),
      async () => {
        for (let nth = 0; nth < 20; nth += 1) {
          const fresh = openHostInspector(parts.connect, { seal, timeoutMs: 5000 });
          asked.push(await fresh.look(`fast-${nth}`, { become: false, hosts: {} }));
          await fresh.close();
        }
      },
    );

    expect(asked).toEqual(Array.from({ length: 20 }, () => answers));
  });

  it('says what a worker ended with', async () => {
    await withWorker(
      () => Promise.reject(new Error('no memory')),
      async () => {
        await expect(lookout.look('bad', { become: false, hosts: {} })).rejects.toMatchObject({
          name: 'InspectionFailed',
          message: expect.stringContaining('no memory'),
        });
      },
    );
  });

  it('says that the answer of another version makes no sense', async () => {
    await withWorker(
      async () => ({ ctl1: 'fine' }),
      async () => {
        await expect(lookout.look('old', { become: false, hosts: {} })).rejects.toMatchObject({
          name: 'InspectionFailed',
          hint: expect.stringContaining('one version'),
        });
      },
    );
  });

  it('says that a worker took too long', async () => {
    let end: (answer: unknown) => void = () => {};
    await withWorker(
      () => new Promise((resolve) => (end = resolve)),
      async () => {
        await expect(lookout.look('slow', { become: false, hosts: {} })).rejects.toMatchObject({
          name: 'InspectionTooLong',
          message: expect.stringContaining('within 2 s'),
        });
        end({});
      },
    );
  });

  it('says that Redis went silent while a worker looked', async () => {
    let end: (answer: unknown) => void = () => {};
    let begin: () => void = () => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    await withWorker(
      () => new Promise((resolve) => [(end = resolve), begin()]),
      async () => {
        const looked = lookout.look('silence', { become: false, hosts: {} });
        await begun;
        process.kill(parts.redis.pid, 'SIGSTOP');
        try {
          await expect(looked).rejects.toMatchObject({
            name: 'QueueSilent',
            message: 'inspecting the hosts: Redis does not answer',
            hint: expect.stringContaining('See that Redis runs'),
            disposition: 'retry',
          });
        } finally {
          process.kill(parts.redis.pid, 'SIGCONT');
          end({});
        }
      },
    );
  });

  it('brings a whole output, whatever is in it and however long it is', async () => {
    parts.startWorker();
    const run = fold([planned(sshd)]);
    const work = e.work('stop');
    const bytes = randomBytes(1_500_000);
    await mkdir(join(sshd.home, dirname(outputPath(run.id, work))), { recursive: true });
    await writeFile(join(sshd.home, outputPath(run.id, work)), bytes);
    let nth = 0;
    const read = (rest: Partial<WholeAsked> = {}) =>
      readWholeOutput(patient.look, () => `whole-${(nth += 1)}`, {
        run,
        work,
        mostBytes: 2_000_000,
        ...rest,
      });
    const patient = openHostInspector(parts.connect, { seal: plainKeeping.seal });
    const heard: number[] = [];

    const whole = await read({ heard: (have) => heard.push(have) });

    expect(whole).toMatchObject({ is: 'whole', sha256: sha256Of(bytes) });
    expect(whole.is === 'whole' && whole.bytes.equals(bytes)).toBe(true);
    expect(heard).toEqual([700_000]);
    expect(await parts.connect().keys('hopscotch:look:whole-*')).toEqual([]);
    expect(await read({ mostBytes: 1_499_999 })).toEqual({ is: 'tooLong', sizeBytes: 1_500_000 });
    expect(await read({ work: { ...work, attempt: 2 } })).toEqual({ is: 'gone' });
    const other = fold([planned(sshd, 1)]);
    expect(await read({ run: other })).toMatchObject({
      is: 'silent',
      why: expect.stringContaining('ctl1'),
    });
    await patient.close();
  });

  it('tells what each command answered, and which host did not', async () => {
    parts.startWorker();
    const there = sshd.target({ host: 'ctl1' });
    const commands = [command(['echo', 'a b']), command(['sh', '-c', 'echo no >&2; exit 3'])];
    const question = {
      become: false,
      hosts: {
        ctl1: { target: there, commands },
        db1: { target: { ...there, host: 'db1', port: 1 }, commands },
      },
    };

    const answer = await lookout.look('two', question);

    expect(answer['ctl1']).toEqual({
      outputs: [
        { exit: 0, stdout: 'a b\n', stderr: '' },
        { exit: 3, stdout: '', stderr: 'no\n' },
      ],
    });
    expect(answer['db1']).toMatchObject({ problem: { message: expect.stringContaining('db1') } });
    expect(await lookout.look('two', question)).toEqual(answer);
  });
});
