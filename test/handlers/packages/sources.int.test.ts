import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  namedSuites,
  readSourceFiles,
  sourceFilesProbe,
} from '../../../handlers/packages/sources.ts';
import { startHosts, type PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../../support/steps/step.ts';

jest.setTimeout(60_000);

let dir: string;
let hosts: PretendHosts;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sources-'));
  hosts = await startHosts({ dir, hosts: [{ name: 'cmp1', roles: ['compute'] }] });
});
afterAll(async () => {
  await hosts.stop();
  await rm(dir, { recursive: true });
});

const sh = async (script: string) => (await hosts.exec('cmp1', script)).stdout;
const step = (kind: string, params: unknown) =>
  new StepUnderTest(kind, params, onPretendHost(hosts, 'cmp1'));

describe('repository', () => {
  const listed = () =>
    sh(`cd /etc/apt/sources.list.d && grep -r . . | sort; stat -c '%n %A %U %G %s' -- *`);
  const candidate = () => sh("apt-cache policy nova-compute | sed -n 's/ *Candidate: //p'");
  const next = {
    name: 'cloudarchive-next',
    uri: 'file:/srv/mirror/2025.1',
    suite: './',
    components: [],
    trusted: true,
    replaces: ['cloudarchive-old', 'not-there'],
  };

  it('takes packages from one archive instead of another, and goes back exactly', async () => {
    const old = 'deb [trusted=yes] file:/srv/mirror/2024.1 ./';
    await sh(`cd /etc/apt/sources.list.d && umask 027 && echo '${old}' >cloudarchive-old.list`);
    const before = await listed();
    const move = step('repository', next);

    expect(await candidate()).toBe('2024.1-1\n');
    expect(await move.run()).toBe(true);
    expect(await candidate()).toBe('2025.1-1\n');
    expect(await listed()).toMatch(
      /^\.\/cloudarchive-next\.list:deb \[trusted=yes\] file:[^\n]*\ncloudarchive-next\.list -rw-r--r-- /,
    );
    expect(await move.back()).toBe(true);
    expect(await listed()).toBe(before);
    expect(await candidate()).toBe('2024.1-1\n');
  });

  it('19-cloud-archive-in-uca-sources: takes other releases out of any file, and puts them back', async () => {
    const uca = readFileSync('test/cases/19-cloud-archive-in-uca-sources.sources', 'utf8');
    const odd = [
      'Enabled: yes\ntypes: deb\nURIs: https://mirror.example.org/uca\nSuites: noble-updates/dalmatian\n noble-proposed/dalmatian\nComponents: main\n',
      '# own\nTypes: deb\nURIs: http://127.0.0.1:1/uca\nSuites: noble-updates/dalmatian noble-updates/epoxy\nComponents: main\n',
      'Types: deb\nURIs: http://127.0.0.1:1/off\nSuites: noble-updates/dalmatian\nComponents: main\nEnabled: no\n',
    ].join('\n');
    const lines = `# deb http://127.0.0.1:1/uca noble-updates/dalmatian main\ndeb [ arch=amd64 trusted=yes ]  http://127.0.0.1:1/own\tnoble-updates/dalmatian main # ours\n`;
    const put = (name: string, text: string) =>
      sh(
        `echo ${Buffer.from(text).toString('base64')} | base64 -d >/etc/apt/sources.list.d/${name}`,
      );
    await put('uca.sources', uca);
    await put('extrepo_odd.sources', odd);
    await put('cloud-archive.list', lines);
    const before = await listed();
    const retires = ['noble-updates/dalmatian', 'noble-proposed/dalmatian'];
    const move = step('repository', { ...next, retires });
    const read = async () =>
      readSourceFiles({ exit: 0, stderr: '', stdout: await sh(sourceFilesProbe.words[2] ?? '') });

    expect(namedSuites(await read(), retires).map(({ file }) => file.split('/').at(-1))).toEqual([
      'cloud-archive.list',
      'extrepo_odd.sources',
      'extrepo_odd.sources',
      'extrepo_odd.sources',
      'uca.sources',
    ]);
    expect(await move.changes()).toContain(
      '/etc/apt/sources.list.d/uca.sources: noble-updates/dalmatian is taken out, and comes back on rollback',
    );
    expect(await move.run()).toBe(true);
    expect(namedSuites(await read(), retires)).toEqual([]);
    expect(await sh('apt-cache policy')).not.toContain('dalmatian');
    expect(await sh('cat /etc/apt/sources.list.d/extrepo_odd.sources')).toBe(
      [
        'Enabled: no\ntypes: deb\nURIs: https://mirror.example.org/uca\nSuites: noble-updates/dalmatian\n noble-proposed/dalmatian\nComponents: main\n',
        '# own\nTypes: deb\nURIs: http://127.0.0.1:1/uca\nSuites: noble-updates/epoxy\nComponents: main\n',
        'Types: deb\nURIs: http://127.0.0.1:1/off\nSuites: noble-updates/dalmatian\nComponents: main\nEnabled: no\n',
      ].join('\n'),
    );
    expect(await sh('cat /etc/apt/sources.list.d/uca.sources')).toBe(
      uca.replace('Types:', 'Enabled: no\nTypes:'),
    );
    expect(await move.back()).toBe(true);
    expect(await listed()).toBe(before);
    await sh('cd /etc/apt/sources.list.d && rm uca.sources extrepo_odd.sources cloud-archive.list');
  });

  it('fails when the archive cannot be fetched, although apt would only warn', async () => {
    await sh(`echo 'Acquire::Retries "0";' >/etc/apt/apt.conf.d/retries`);
    const before = await listed();
    const move = step('repository', {
      ...next,
      uri: 'http://127.0.0.1:1/ubuntu',
      suite: 'x/kilo',
      components: ['main'],
    });

    expect(await move.fails()).toMatchObject({
      exit: 1,
      stderr:
        'repository: what /etc/apt/sources.list.d/cloudarchive-next.list names could not be fetched\n',
    });
    expect(await move.back()).toBe(true);
    expect(await listed()).toBe(before);
  });

  it.each([
    'W: Failed to fetch http://x/Packages  404  Not Found',
    'W: GPG error: http://x kilo Release: NO_PUBKEY 5EDB1B62EC4926EA',
    'Err http://x kilo/main amd64 Packages',
  ])('does not take the exit 0 of an older apt for success after: %s', async (said) => {
    await sh(
      `mkdir -p /opt/old; printf '%s\\n' '#!/bin/sh' 'echo "${said}" >&2' >/opt/old/apt-get; chmod +x /opt/old/apt-get`,
    );
    const place = onPretendHost(hosts, 'cmp1');
    const move = new StepUnderTest('repository', next, (line) =>
      place({
        ...line,
        words: ['sh', '-c', 'PATH=/opt/old:$PATH; exec "$@"', 'sh', ...line.words],
      }),
    );

    expect(await move.fails()).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining(said),
      stderr: expect.stringContaining('could not be fetched'),
    });
    expect(await move.back()).toBe(true);
  });

  it('goes back although the archive of before is gone, and still knows what it offered', async () => {
    await sh('cp -r /srv/mirror/2024.1 /srv/gone');
    await sh(
      `echo 'deb [trusted=yes] copy:/srv/gone ./' >/etc/apt/sources.list.d/cloudarchive-old.list`,
    );
    await sh('apt-get update');
    const move = step('repository', next);
    expect(await move.run()).toBe(true);
    await sh('rm -r /srv/gone');

    expect(await move.back()).toBe(true);
    expect(move.said).toContain('repository: some archives did not answer');
    expect(await sh('apt-cache policy')).toContain('copy:/srv/gone ./ Packages');
  });

  it('installs the package of its key before, and takes it away again', async () => {
    const move = step('repository', { ...next, keyPackage: 'horizon' });

    expect(await move.run()).toBe(true);
    expect(await sh('dpkg-query -W horizon')).toMatch(/^horizon\t/);
    expect(await move.back()).toBe(true);
    expect(await sh('dpkg-query -W horizon')).toBe('');
  });
});

describe('cron', () => {
  const crontab = () => hosts.exec('cmp1', 'crontab -u root -l | base64');
  const flush = { user: 'root', match: 'keystone-manage token_flush' };
  beforeAll(() => sh('mkdir -p /var/spool/cron/crontabs'));

  it('removes a line and leaves every byte of the others', async () => {
    await sh(
      `printf '%b' '# m h\\n\\n  # keystone-manage token_flush is off\\n0 3 * * * echo "a\\\\\\\\b" \\0374%%  \\n@hourly keystone-manage token_flush >>/x 2>&1\\nMAILTO=x\\n' | crontab -u root -`,
    );
    const before = await crontab();
    const step1 = step('cron', { ...flush, state: 'absent' });

    expect(await step1.run()).toBe(true);
    expect(Buffer.from((await crontab()).stdout, 'base64').toString('latin1')).toBe(
      '# m h\n\n  # keystone-manage token_flush is off\n0 3 * * * echo "a\\\\b" \xfc%%  \nMAILTO=x\n',
    );
    expect(await step1.back()).toBe(true);
    expect(await crontab()).toEqual(before);
  });

  it('writes the line once, and leaves no crontab where there was none', async () => {
    await sh('crontab -u root -r');
    const line = `@hourly keystone-manage token_flush >>/var/log/'a b' 2>&1 # $(x) \\n %`;
    const step1 = step('cron', { ...flush, state: 'present', line });

    expect(await step1.run()).toBe(true);
    expect(await sh('crontab -u root -l')).toBe(`${line}\n`);
    expect(await step1.isDone()).toBe(true);
    expect(await step1.back()).toBe(true);
    expect(await hosts.exec('cmp1', 'crontab -u root -l')).toMatchObject({ code: 1 });
  });

  it('puts the line in the place of another one', async () => {
    await sh(`printf '%s\\n' a=1 '@daily keystone-manage token_flush' b=2 | crontab -u root -`);
    const line = '@hourly keystone-manage token_flush';
    const step1 = step('cron', { ...flush, state: 'present', line });

    expect(await step1.run()).toBe(true);
    expect(await sh('crontab -u root -l')).toBe(`a=1\n${line}\nb=2\n`);
    await sh(`printf '%s\\n' by=hand | crontab -u root -`);
    expect(await step1.back()).toBe(true);
    expect(step1.said).toBe('by=hand\n');
  });

  it('says that there is no such user', async () => {
    await expect(
      step('cron', { ...flush, user: 'ghost', state: 'absent' }).probe(),
    ).rejects.toThrow(/reading the crontab of ghost: .*ghost/);
  });
});
