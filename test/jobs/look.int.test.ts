import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { command } from '../../handlers/command.ts';
import { type Lookout, openLookout } from '../../jobs/queue.ts';
import { type Running, running } from '../support/running.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

let parts: Running;
let sshd: Sshd;
let lookout: Lookout;

beforeAll(async () => {
  [parts, sshd] = await Promise.all([running(), startSshd()]);
  lookout = openLookout(parts.connect, 2000);
});

afterAll(async () => {
  await lookout.close();
  await parts.stop();
  await sshd.stop();
});

describe('a look at hosts', () => {
  it('says that no worker answers', async () => {
    await expect(lookout.look('none', { become: false, hosts: {} })).rejects.toMatchObject({
      name: 'NoWorker',
      hint: expect.stringContaining('npm run worker'),
    });
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
