import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const wanted = [
  'redis-server',
  'sshd',
  'ssh-keygen',
  'bwrap',
  'curl',
  'nsenter',
  'newuidmap',
  'mariadbd',
  'haproxy',
  'memcached',
  'socat',
  'crontab',
  'python3',
  'oslo-config-validator',
  'shellcheck',
  'luac5.1',
];

describe('setup', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'setup-'));
    await program(
      'apt-get',
      `echo "$RUNLEVEL $*$([ -x ${dir}/policy ] && ${dir}/policy || echo " $?")" >>${dir}/log`,
    );
    for (const name of ['rm', 'chmod']) await program(name, `exec /bin/${name} "$@"`);
    await program('dpkg-deb', '');
    await program('sudo', 'exit 1');
  });

  afterEach(() => rm(dir, { recursive: true }));

  const program = async (name: string, script: string) => {
    await writeFile(join(dir, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(dir, name), 0o755);
  };

  const having = (names: readonly string[]) => Promise.all(names.map((name) => program(name, '')));

  /** Runs the script where only the programs of `dir` are to be found. */
  const setup = async (user: number) => {
    await program('id', `echo ${user}`);
    const text = await readFile('scripts/setup.sh', 'utf8');
    const script = join(dir, 'setup.sh');
    await writeFile(script, text.replace('PATH=$PATH:/usr/sbin:/sbin', ''));
    return new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      execFile(
        '/bin/sh',
        [script],
        { env: { PATH: dir, POLICY_RC_D: join(dir, 'policy') } },
        (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  };

  it('says and does nothing when all is there', async () => {
    await having(wanted);

    expect(await setup(1000)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes Valkey for Redis', async () => {
    await having(['valkey-server', ...wanted.slice(1)]);

    expect(await setup(1000)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('names the one command to run where it may not install', async () => {
    await having(wanted.filter((name) => !['redis-server', 'bwrap'].includes(name)));

    expect(await setup(1000)).toEqual({
      code: 1,
      stdout: '',
      stderr: `Missing here: redis-server bubblewrap. Run this once, then try again:
  sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends redis-server bubblewrap'
`,
    });
  });

  it('installs as root what is missing, after an update, without starting services', async () => {
    await having(wanted.slice(1));

    expect(await setup(0)).toMatchObject({ code: 0 });
    expect(await readFile(join(dir, 'log'), 'utf8')).toBe(
      '1 -qq update 101\n1 -qq install --yes --no-install-recommends redis-server 101\n',
    );
    expect(await readdir(dir)).not.toContain('policy');
  });

  it('installs through sudo where that asks for no password', async () => {
    await having(wanted.slice(1));
    await program('sudo', `echo "sudo $*" >>${dir}/log`);

    expect(await setup(1000)).toMatchObject({ code: 0 });
    expect(await readFile(join(dir, 'log'), 'utf8')).toBe(
      `sudo -n true\nsudo -n sh ${dir}/setup.sh\n`,
    );
  });

  it('says so on a system without apt', async () => {
    await rm(join(dir, 'apt-get'));

    expect(await setup(0)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The sandbox needs Debian or Ubuntu'),
    });
  });
});
