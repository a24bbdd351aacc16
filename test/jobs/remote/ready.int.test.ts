import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkReady } from '../../../jobs/remote/remote.ts';
import type { Ssh } from '../../../jobs/ssh/ssh.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { rejection } from '../../support/eventually.ts';
import { execution, recordPath, runExecution, shellLine } from '../../support/servers/remote.ts';
import type { TestSshd } from '../../support/servers/sshd.ts';
import { startTestSshd } from '../../support/servers/sshd.ts';

let sshd: TestSshd;
let ssh: Ssh;
let bin: string;

// Tools are found through ~/bin alone, so that a test can take one away or put another in its place.
const tools =
  'bash sh cat chmod cut date df env find grep head id ln mkdir mv readlink rm setsid sleep tail touch tr wc';

beforeEach(async () => {
  ssh = openSsh();
  sshd = await startTestSshd({
    config: ['ForceCommand PATH="$HOME/bin" /bin/sh -c "$SSH_ORIGINAL_COMMAND"'],
  });
  bin = join(sshd.home, 'bin');
  mkdirSync(bin);
  for (const tool of tools.split(' ')) {
    const path = execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
    symlinkSync(path, join(bin, tool));
  }
});
afterEach(async () => {
  await ssh.close();
  await sshd.stop();
});

function replace(tool: string, script: string): void {
  rmSync(join(bin, tool), { force: true });
  writeFileSync(join(bin, tool), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const check = (become = false, needBytes?: number): ReturnType<typeof checkReady> =>
  checkReady(ssh, sshd.target(), { become, ...(needBytes === undefined ? {} : { needBytes }) });

const start = (): ReturnType<typeof runExecution> =>
  runExecution(ssh, sshd.target(), execution('one', shellLine('echo begun >~/begun')));

const hasBegun = (): boolean =>
  existsSync(join(sshd.home, 'begun')) || existsSync(recordPath(sshd, 'one', 'begun'));

/** The same is true with Python on the host, where a helper looks first, and without. */
const ways = ['in shell', 'with a helper'];

function useWay(way: string): void {
  if (way === 'with a helper') symlinkSync('/usr/bin/python3', join(bin, 'python3'));
}

describe.each(ways)('a host that is ready, looked at %s', (way) => {
  beforeEach(() => useWay(way));

  it('says what it is', async () => {
    expect(await check()).toEqual({
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      freeBytes: expect.any(Number),
      home: sshd.home,
    });
    expect((await start()).outcome).toMatchObject({ exitCode: 0 });
  });

  it('lets us become root without a password', async () => {
    replace('sudo', 'shift; exec "$@"');
    symlinkSync('/bin/true', join(bin, 'true'));

    expect(await check(true)).toMatchObject({ home: sshd.home });
  });
});

describe('a host that is not', () => {
  it('lacks a tool', async () => {
    rmSync(join(bin, 'setsid'));

    expect(await rejection(check())).toMatchObject({
      name: 'HostNotReady',
      disposition: 'stop',
      message: `checking on cmp01 (127.0.0.1:${sshd.port}): setsid is missing`,
      hint: 'Put cmp01 right, then try again. Nothing began.',
    });
    expect(await rejection(start())).toMatchObject({
      message: expect.stringMatching(/^starting one on cmp01 .*: setsid is missing$/),
    });
    expect(hasBegun()).toBe(false);
  });

  it('has the tail of busybox', async () => {
    replace('tail', 'echo "tail: unrecognized option: pid" >&2; exit 1');

    expect(await rejection(check())).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining('its tail knows no --pid'),
    });
    expect(await rejection(start())).toMatchObject({ name: 'HostNotReady' });
    expect(hasBegun()).toBe(false);
  });

  it('has too little room', async () => {
    expect(await rejection(check(false, 2 ** 60))).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringMatching(/has \d+ KiB of room, 1125899906842624 KiB are needed/),
    });
  });

  it('wants a password', async () => {
    replace('sudo', 'echo "sudo: a password is required" >&2; exit 1');

    expect(await rejection(check(true))).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining(
        'sudo -n true: exit 1: the host said: sudo: a password is required',
      ),
    });
  });

  it('does not allow what the plan runs', async () => {
    replace(
      'sudo',
      'case "$*" in "-n true" | "-n -l -- ls /" | "-n -l -u nova -- ls") ;; *) exit 1 ;; esac',
    );
    const sudo = (...words: string[]) => ({ words: ['sudo', '-n', ...words] });
    const ready = (...runs: { words: string[] }[]) =>
      checkReady(ssh, sshd.target(), { become: true, runs });

    await ready(sudo('--', 'ls', '/'), sudo('-u', 'nova', '--', 'ls'), { words: ['apt-get'] });
    expect(
      await rejection(ready(sudo('--', 'apt-get', 'install'), sudo('--', 'ls', '/'))),
    ).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining(
        'sudo does not let the login user run what the plan runs: apt-get install',
      ),
    });
  });

  it('ends processes at logout', async () => {
    replace('id', 'echo 1000');
    replace('busctl', '[ "$1 $5" = "get-property KillUserProcesses" ] && echo "b true"');

    expect(await rejection(check())).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining('KillUserProcesses=yes'),
    });
  });

  it('ends processes with the unit of sshd that the login is part of', async () => {
    const unit = 'ssh@4-10.0.0.1:22-10.0.0.9:4711.service';
    replace('cat', `echo '0::/system.slice/system-ssh.slice/${unit}'`);
    replace('systemctl', `[ "$3" != '${unit}' ] || echo KillMode=control-group`);

    expect(await rejection(check())).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining(`logins are part of ${unit}`),
    });
    replace('systemctl', 'echo KillMode=process');
    expect(await check()).toMatchObject({ home: sshd.home });
  });

  it('cannot start a session', async () => {
    replace('setsid', 'echo "setsid: not today" >&2; exit 1');

    expect(await rejection(start())).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining('setsid: not today'),
    });
    expect(hasBegun()).toBe(false);
    symlinkSync('/usr/bin/setsid', join(sshd.home, 'setsid'));
    replace('setsid', 'exec ~/setsid "$@"');
    expect((await start()).outcome).toMatchObject({ exitCode: 0, attached: false });
  });
});

describe('a host that is not, and has a helper', () => {
  beforeEach(() => useWay('with a helper'));

  it.each([
    ['lacks a tool', 'setsid is missing', () => rmSync(join(bin, 'setsid'))],
    [
      'has the tail of busybox',
      'its tail knows no --pid',
      () => replace('tail', 'echo "tail: unrecognized option: pid" >&2; exit 1'),
    ],
    [
      'wants a password',
      'sudo -n true: exit 1: the host said: sudo: a password is required',
      () => replace('sudo', 'echo "sudo: a password is required" >&2; exit 1'),
    ],
    [
      'does not allow what the plan runs',
      'sudo does not let the login user run what the plan runs: ls /',
      () => replace('sudo', '[ "$*" = "-n true" ]'),
    ],
  ])('says in the same words why: it %s', async (_what, why, spoil) => {
    replace('sudo', 'exit 0');
    const runs = [{ words: ['sudo', '-n', '--', 'ls', '/'] }];
    const first = 'r.s1.h1.apply1';
    const ready = () => checkReady(ssh, sshd.target(), { become: true, runs, first });
    expect(await ready()).toMatchObject({ home: sshd.home, unbegun: first });

    spoil();

    expect(await rejection(ready())).toMatchObject({
      name: 'HostNotReady',
      message: expect.stringContaining(why),
    });
  });

  it('does not call what has begun unbegun', async () => {
    await start();

    const found = await checkReady(ssh, sshd.target(), { become: false, first: 'one' });
    expect(found).not.toHaveProperty('unbegun');
  });
});

/** Logins see their home directory on a disk of their own. */
async function mount(options: string, first = 'true'): Promise<void> {
  await sshd.stop();
  sshd = await startTestSshd({ config: ['ForceCommand /bin/sh "$HOME/login"'] });
  const script = `exec bwrap --dev-bind / / ${options} /bin/sh -c 'cd; ${first}; exec /bin/sh -s'\n`;
  writeFileSync(join(sshd.home, 'login'), script);
}

describe('a disk', () => {
  it('that is full is said so, and nothing begins', async () => {
    await mount('--size 65536 --tmpfs "$HOME"', 'cat /dev/zero >fill 2>/dev/null');
    for (const ask of [() => check(false, 0), start]) {
      expect(await rejection(ask())).toMatchObject({
        name: 'HostNotReady',
        message: expect.stringMatching(
          /: the disk is full: writing to .*, with 0 KiB of room there$/,
        ),
      });
    }
    expect(hasBegun()).toBe(false);
  });

  it('that fills up under a step does not cost its exit code', async () => {
    await mount('--size 65536 --tmpfs "$HOME"');
    const filling = execution('fills', shellLine('cat /dev/zero >~/fill; echo more; exit 5'));

    expect((await runExecution(ssh, sshd.target(), filling)).outcome).toMatchObject({
      type: 'exited',
      exitCode: 5,
      fullDisks: [sshd.home],
    });
  });

  it('that is read-only is said so, and nothing begins', async () => {
    await mount('--ro-bind "$HOME" "$HOME"');
    for (const ask of [check, start]) {
      expect(await rejection(ask())).toMatchObject({
        name: 'HostNotReady',
        message: expect.stringContaining('Read-only file system'),
      });
    }
    expect(hasBegun()).toBe(false);
  });
});
