import { appendFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Plan } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let engine: RunningEngine;
let sshd: TestSshd;

beforeAll(async () => {
  [engine, sshd] = await Promise.all([runningEngine(), startTestSshd()]);
  await appendFile(
    sshd.knownHostsPath,
    `[127.0.0.1]:${sshd.directPort} ${sshd.hostKeys[0] ?? ''}\n`,
  );
  engine.startWorker();
});

afterAll(async () => {
  await engine.stop();
  await sshd.stop();
});

/** A run of a cloud that reaches the machine at this port. */
const begin = (cloud: string, port: number): Promise<string> => {
  const words = ['true'];
  const step = { id: 'one', params: { run: words, undo: [] }, apply: [{ words }] };
  const plan: Plan = planOn({ ctl1: sshd.target({ host: 'ctl1', port }) }, [step]);
  return engine.begin({ ...plan, cloud });
};

const isChecked = ({ checks }: Run): boolean => checks.get('ctl1') !== undefined;

it('a machine under two addresses is held by one run at a time', async () => {
  const first = await begin('one', sshd.port);
  await engine.until(first, 'checked', isChecked);

  const second = await begin('two', sshd.directPort);
  const refused = await engine.until(second, 'ended', ({ ended }) => ended !== undefined);

  expect(refused.ended?.outcome).toBe('refused');
  expect(refused.checks.get('ctl1')?.problem).toEqual({
    reason: expect.stringMatching(
      new RegExp(
        `^ctl1 of two shows the host key SHA256:\\S+, and so does a host of run ${first}, which is of another cloud: they are one machine$`,
      ),
    ),
    hint: expect.stringContaining(`/upgrade status ${first}`),
  });

  await engine.append(first, { type: 'AbortRequested', by: 'UANN' });
  await engine.until(first, 'ended', ({ ended }) => ended !== undefined);
  expect(await engine.connect().hgetall('hopscotch:hosts')).toEqual({});
  const third = await begin('two', sshd.directPort);
  const ready = await engine.until(third, 'checked', isChecked);
  expect(ready.checks.get('ctl1')?.problem).toBeUndefined();
  expect(await engine.connect().hvals('hopscotch:hosts')).toEqual([third, third]);
});
