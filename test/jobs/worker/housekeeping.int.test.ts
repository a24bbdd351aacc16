import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { tidyHosts } from '../../../jobs/worker/housekeeping.ts';
import { type Ssh, openSsh } from '../../../jobs/ssh/ssh.ts';
import { type RunningEngine, planOn, runningEngine } from '../../support/processes/running.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

let parts: RunningEngine;
let sshd: TestSshd;
let ssh: Ssh;

beforeEach(async () => {
  [parts, sshd] = await Promise.all([runningEngine(), startTestSshd()]);
  ssh = openSsh();
});

afterEach(async () => {
  await ssh.close();
  await parts.stop();
  await sshd.stop();
});

it('removes what old steps left on hosts that no run checks any more, once a day, past those that do not answer', async () => {
  const step = { id: 'one', params: { run: ['true'], undo: [] }, apply: [{ words: ['true'] }] };
  const away = { ...sshd.target({ host: 'away' }), port: 1 };
  const id = await parts.begin(planOn({ away, ctl1: sshd.target({ host: 'ctl1' }) }, [step]));
  await parts.append(id, { type: 'RunEnded', outcome: 'aborted' });
  const records = join(sshd.home, '.hopscotch');
  await mkdir(join(records, 'old'), { recursive: true });
  await writeFile(join(records, 'old', 'exit'), '0 0 0\n');
  const then = Date.now() / 1000 - 40 * 86_400;
  await utimes(join(records, 'old', 'exit'), then, then);
  const log = pino({ level: 'silent' });
  const tidy = () => tidyHosts({ redis: parts.connect(), store: parts.store, ssh, log });

  expect(await parts.store.active()).toEqual([]);
  expect(await tidy()).toBe(1);
  expect(await tidy()).toBeUndefined();
  expect(await readdir(records)).toEqual([]);
});
