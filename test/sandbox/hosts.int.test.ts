import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHosts, type PretendHosts } from '../../sandbox/hosts/hosts.ts';

jest.setTimeout(60_000);

describe('pretend hosts', () => {
  let dir: string;
  let hosts: PretendHosts;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hosts-'));
    hosts = await startHosts({ dir });
  });

  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });

  const on = async (name: string, script: string) => (await hosts.exec(name, script)).stdout.trim();

  const service = (verb: string) => hosts.exec('ctl1', `/etc/init.d/keystone ${verb}`);

  const ssh = (name: string, command: string, input = '') => {
    const { address } = hosts.hosts.find((host) => host.name === name)!;
    const options = [
      ['UserKnownHostsFile', hosts.knownHostsPath],
      ['StrictHostKeyChecking', 'yes'],
      ['IdentitiesOnly', 'yes'],
      ['ServerAliveInterval', '0'],
    ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const place = ['-i', hosts.keyPath, '-p', String(hosts.port), `${hosts.user}@${address}`];
    return new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
      const child = execFile(
        'ssh',
        ['-F', 'none', ...options, ...place, command],
        (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }),
      );
      child.stdin!.on('error', () => {}); // ssh may end without reading
      child.stdin!.end(input);
    });
  };

  it('answer over SSH, each as itself, and speak as root', async () => {
    const answers = await Promise.all(
      ['lb1', 'cmp2'].map((name) => ssh(name, 'hostname; id -un; cat; exit 7', 'told\n')),
    );

    expect(answers).toEqual([
      { code: 7, stdout: 'lb1\nroot\ntold\n', stderr: '' },
      { code: 7, stdout: 'cmp2\nroot\ntold\n', stderr: '' },
    ]);
  });

  it('share no files, and cannot write to the machine', async () => {
    await on('cmp1', 'for d in etc var opt srv root tmp run; do echo mine >/$d/mark; done');

    expect(await on('cmp2', 'ls /*/mark')).toBe('');
    expect(existsSync('/tmp/mark')).toBe(false);
    expect(await hosts.exec('cmp1', 'touch /usr/mark')).toMatchObject({ code: 1 });
    expect(await on('cmp1', 'ls -d /home/* /srv/*')).toBe('/srv/mark\n/srv/mirror');
  });

  it('keep what a session leaves behind in a session of its own', async () => {
    const { code } = await ssh(
      'db1',
      'mkdir $HOME/.hopscotch; cd $HOME/.hopscotch; mkfifo go; setsid sh -c "read -r _ <go; echo done >out" </dev/null >/dev/null 2>&1 &',
    );
    expect(code).toBe(0);

    await on('db1', 'echo >/root/.hopscotch/go');

    await until(async () => (await on('db1', 'cat /root/.hopscotch/out')) === 'done');
  });

  it('upgrade and downgrade with the real apt, one host at a time', async () => {
    const versions = (name: string) =>
      on(name, 'dpkg-query --show; curl --silent $(hostname):8774');
    const before = await versions('cmp1');
    expect(before).toBe(
      'nova-common\t2024.1-1\nnova-compute\t2024.1-1\n{"service":"nova-compute","version":"2024.1-1","greeting":"nova-compute"}',
    );

    const up = await hosts.exec(
      'cmp1',
      `echo 'deb [trusted=yes] file:/srv/mirror/2025.1 ./' >/etc/apt/sources.list.d/2025.1.list
      apt-get update && apt-get --yes install nova-compute`,
    );
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(await versions('cmp1')).toBe(before.replaceAll('2024.1', '2025.1'));
    expect(await versions('cmp2')).toBe(before);
    expect(await on('cmp1', 'apt-cache policy nova-compute')).toContain('Candidate: 2025.1-1');

    const down = await hosts.exec(
      'cmp1',
      'apt-get --yes --allow-downgrades install nova-compute=2024.1-1 nova-common=2024.1-1',
    );
    expect(down.code).toBe(0);
    expect(await versions('cmp1')).toBe(before);
  });

  it('have a package that cannot be configured as things are, and the rollback from it', async () => {
    const broken = await hosts.exec(
      'cmp2',
      `echo 'deb [trusted=yes] file:/srv/mirror/proposed ./' >/etc/apt/sources.list.d/proposed.list
      apt-get update && apt-get --yes install nova-compute=2025.1-2`,
    );
    expect(broken).toMatchObject({
      code: 100,
      stderr: expect.stringContaining('/etc/nova/compute_id: no such file'),
    });
    const states = `dpkg-query --show --showformat '\${Package} \${Version} \${db:Status-Abbrev}\\n'`;
    expect(await on('cmp2', states)).toBe('nova-common 2025.1-2 ii \nnova-compute 2025.1-2 iF');

    const back = await hosts.exec(
      'cmp2',
      'apt-get --yes --allow-downgrades install nova-compute=2024.1-1 nova-common=2024.1-1',
    );
    expect(back.code).toBe(0);
    expect(await on('cmp2', states)).toBe('nova-common 2024.1-1 ii \nnova-compute 2024.1-1 ii');
  });

  it('hold and mark packages', async () => {
    await on('lb1', 'apt-mark hold haproxy; apt-mark auto haproxy');
    expect(await on('lb1', 'apt-mark showhold; apt-mark showauto')).toBe('haproxy\nhaproxy');

    await on('lb1', 'apt-mark unhold haproxy; apt-mark manual haproxy');
    expect(await on('lb1', 'apt-mark showhold; apt-mark showauto')).toBe('');
  });

  it('have services whose status tells the truth', async () => {
    expect(await service('status')).toMatchObject({ code: 0 });
    await service('stop');
    expect(await service('status')).toMatchObject({ code: 3 });
    await service('start');
    await on('ctl1', 'kill -9 $(cat /run/keystone.pid)');
    await until(async () => (await service('status')).code === 1);
    expect(await service('start')).toMatchObject({ code: 0 });
  });

  it('have services that refuse a wrong configuration', async () => {
    const tried = await hosts.exec(
      'ctl2',
      'echo "colour = blue" >>/etc/keystone/keystone.conf; /etc/init.d/keystone restart',
    );

    expect(tried).toMatchObject({
      code: 25,
      stderr: 'keystone: /etc/keystone/keystone.conf:4: unknown option colour\n',
    });
    expect(await hosts.exec('ctl2', '/etc/init.d/keystone status')).toMatchObject({ code: 3 });
  });

  it('start at boot what is enabled, under a boot id of its own', async () => {
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await on('ctl1', bootId);
    await on(
      'ctl1',
      'update-rc.d horizon disable; setsid sleep 1000 >/dev/null 2>&1 & echo $! >/root/pid',
    );

    await hosts.reboot('ctl1');

    expect(await on('ctl1', bootId)).not.toBe(before);
    expect(await hosts.exec('ctl1', 'kill -0 $(cat /root/pid)')).toMatchObject({ code: 1 });
    expect(await hosts.exec('ctl1', '/etc/init.d/keystone status')).toMatchObject({ code: 0 });
    expect(await hosts.exec('ctl1', '/etc/init.d/horizon status')).toMatchObject({ code: 3 });
  });

  it('lose their link when it is cut, and what runs goes on', async () => {
    const lost = ssh('lb1', 'mkfifo go; echo >began; read -r _ <go; echo >ended');
    await until(async () => (await hosts.exec('lb1', 'test -e began')).code === 0);

    hosts.link('lb1').cut();
    expect(await lost).toMatchObject({ code: 255 });

    await on('lb1', 'echo >go');
    await until(async () => (await hosts.exec('lb1', 'test -e ended')).code === 0);
  });

  it('refuse connections when told, one host at a time', async () => {
    await hosts.link('lb1').refuse();

    expect(await ssh('lb1', 'true')).toMatchObject({
      code: 255,
      stderr: expect.stringContaining('Connection refused'),
    });
    expect(await ssh('db1', 'true')).toMatchObject({ code: 0 });
    await hosts.link('lb1').accept();
    expect(await ssh('lb1', 'true')).toMatchObject({ code: 0 });
  });

  it('say nothing while stalled, and all of it afterwards', async () => {
    hosts.link('db1').stall();
    const answer = ssh('db1', 'echo late');
    await hosts.exec('db1', 'true');

    hosts.link('db1').resume();

    expect(await answer).toEqual({ code: 0, stdout: 'late\n', stderr: '' });
  });
});

describe('a pretend host', () => {
  let dir: string;
  let ended: () => Promise<void>;

  afterEach(async () => {
    await ended();
    await rm(dir, { recursive: true });
  });

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'host-'));
  });

  const start = async (spec: { homeSizeBytes?: number } = {}) => {
    const hosts = await startHosts({ dir, hosts: [{ name: 'one', roles: ['lb'], ...spec }] });
    ended = hosts.stop;
    return hosts;
  };

  it('ends what steps left running, keeps its disk, and can have a home that fills up', async () => {
    const first = await start();
    await first.exec('one', 'echo kept >/etc/mark; setsid sleep 1000 >/dev/null 2>&1 &');
    const { stdout: namespace } = await first.exec('one', readNamespace);
    expect(await processesOf(namespace)).not.toBe(0);
    await first.stop();
    expect(await processesOf(namespace)).toBe(0);

    const second = await start({ homeSizeBytes: 65_536 });
    expect(await second.exec('one', 'cat /etc/mark')).toMatchObject({ stdout: 'kept\n' });
    expect(await second.exec('one', '/etc/init.d/haproxy status')).toMatchObject({ code: 0 });
    expect(await second.exec('one', 'head -c 100000 /dev/zero >/root/big')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No space left on device'),
    });
  });

  it('does not outlive a parent that was killed', async () => {
    ended = async () => {};
    const parent = spawn(process.execPath, ['--import', 'tsx', '-e', parentScript, dir]);
    const [bytes]: unknown[] = await once(parent.stdout, 'data');
    const namespace = String(bytes);
    expect(await processesOf(namespace)).not.toBe(0);

    parent.kill('SIGKILL');

    await until(async () => (await processesOf(namespace)) === 0);
  });
});

const readNamespace = 'readlink /proc/self/ns/user';

const parentScript = `
const { startHosts } = await import('./sandbox/hosts/hosts.ts');
const { exec } = await startHosts({ dir: process.argv[1], hosts: [{ name: 'one', roles: ['lb'] }] });
await exec('one', 'setsid sleep 1000 >/dev/null 2>&1 &');
console.log((await exec('one', '${readNamespace}')).stdout);
`;

async function processesOf(namespace: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const links = await Promise.all(
    pids.map((pid) => readlink(`/proc/${pid}/ns/user`).catch(() => '')),
  );
  return links.filter((link) => link === namespace.trim()).length;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('waited 20 s in vain');
    await sleep(20);
  }
}
