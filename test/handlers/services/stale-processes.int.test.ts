import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runHere } from '../../support/steps/step.ts';
import { staleProcessesShell } from '../../../handlers/services/scripts/embedded.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stale-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const found = async (proc: string): Promise<string[]> => {
  const { stdout, stderr } = await runHere({
    words: ['sh', '-c', `${staleProcessesShell}stale_processes "$1"`, 'sh', proc],
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
};

describe('stale-processes', () => {
  it('finds a process whose program was replaced, and not before', async () => {
    const path = join(dir, 'it is old');
    copyFileSync('/bin/sleep', path);
    const child = spawn(path, ['60'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    const ours = async () => (await found('/proc')).filter((line) => line.endsWith(path));
    try {
      expect(await ours()).toEqual([]);
      rmSync(path);
      copyFileSync('/bin/sleep', path);
      expect(await ours()).toEqual([expect.stringMatching(`^${child.pid} \\S+ `)]);
    } finally {
      child.kill();
    }
  });

  it('finds a library that is gone, and tells the service of the process', async () => {
    const lib = '7f00-7f01 r-xp 00000000 fe:00 12 /usr/lib/libssl.so.3';
    const process = (pid: string, exe: string, maps: string, cgroup: string) => {
      mkdirSync(join(dir, pid));
      symlinkSync(exe, join(dir, pid, 'exe'));
      writeFileSync(join(dir, pid, 'maps'), `00-01 r-xp 00000000 fe:00 11 ${exe}\n${maps}\n`);
      writeFileSync(join(dir, pid, 'cgroup'), cgroup);
    };
    process('1', '/usr/bin/python3.11', `${lib} (deleted)`, '0::/system.slice/nova-api.service\n');
    process('2', '/usr/bin/python3.11', lib, '0::/system.slice/nova-api.service\n');
    process('3', '/usr/bin/x', `${lib.replace('r-xp', 'r--p')} (deleted)`, '0::/x.service\n');
    process('4', '/usr/bin/x', '7f-8f rwxp 0 00:01 1 /memfd:doublemapper (deleted)', '0::/\n');
    process('5', '/usr/bin/x', '7f-8f rwxs 0 00:01 1 /dev/zero (deleted)', '0::/\n');
    process(
      '6',
      '/usr/bin/y z (deleted)',
      '',
      '0::/system.slice/system-getty.slice/a@b.service/app\n',
    );
    process(
      '7',
      '/usr/bin/y (deleted)',
      '',
      '2:pids:/a.slice\n1:name=systemd:/a.slice/c.service\n',
    );
    process('8', '/usr/bin/y (deleted)', '', '0::/user.slice/user-0.slice/session-1.scope\n');
    process('9', '/memfd:runc (deleted)', '', '0::/\n');
    mkdirSync(join(dir, '10'));
    const own = '0::/user.slice/user-0.slice/user@0.service/app.slice/dbus.service\n';
    process('11', '/usr/bin/y (deleted)', '', own);

    expect(await found(dir)).toEqual([
      '1 nova-api.service /usr/bin/python3.11',
      '11 - /usr/bin/y',
      '6 a@b.service /usr/bin/y z',
      '7 c.service /usr/bin/y',
      '8 - /usr/bin/y',
    ]);
  });
});
