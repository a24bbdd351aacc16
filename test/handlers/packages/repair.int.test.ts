import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startHosts, type PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../../support/steps/step.ts';

jest.setTimeout(60_000);

describe('package-repair', () => {
  let dir: string;
  let hosts: PretendHosts;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'repair-'));
    const names = ['cmp1', 'cmp2', 'cmp3'];
    hosts = await startHosts({ dir, hosts: names.map((name) => ({ name, roles: ['compute'] })) });
  });
  afterAll(async () => {
    await hosts.stop();
    await rm(dir, { recursive: true });
  });

  const sh = (name: string) => async (script: string) => {
    const { stdout, code } = await hosts.exec(
      name,
      `export DEBIAN_FRONTEND=noninteractive; ${script}`,
    );
    return code === 0 ? stdout : `${stdout}exit ${code}`;
  };
  const source = (pocket: string) => `echo 'deb [trusted=yes] file:/srv/mirror/${pocket} ./'`;
  const repair = (name: string, rest: object = {}) =>
    new StepUnderTest(
      'package-repair',
      { series: '2024.1', packages: ['nova', 'horizon'], ...rest },
      onPretendHost(hosts, name),
    );
  const versions =
    "dpkg-query --show --showformat='${db:Status-Abbrev}${Package} ${Version}\\n' 'nova*' horizon; true";

  it('finds nothing on a host of one release', async () => {
    const step = repair('cmp1');

    expect(await step.isDone()).toBe(true);
    expect(await step.changes()).toBe('');
  });

  it('brings packages of another release back, removes what has no place, and says so before', async () => {
    const run = sh('cmp1');
    await run(
      `${source('2025.1')} >/etc/apt/sources.list.d/next.list; apt-get update; apt-get -y install nova-compute horizon`,
    );
    await run(`rm /etc/apt/sources.list.d/next.list; mkdir -p /srv/own/DEBIAN
      printf '%s\\n' 'Package: nova-own' 'Version: 7-1' 'Architecture: all' 'Maintainer: x <x@example.org>' 'Description: x' >/srv/own/DEBIAN/control
      dpkg-deb --build /srv/own /srv/own.deb && dpkg -i /srv/own.deb; apt-get update`);
    const before = await run(versions);
    const step = repair('cmp1');

    expect((await step.changes()).split('\n').toSorted()).toEqual([
      'horizon: 2025.1-1 -> 2024.1-1',
      'no archive but that of 2024.1 is asked, so it may be impossible to go back to versions of another',
      'nova-common: 2025.1-1 -> 2024.1-1',
      'nova-compute: 2025.1-1 -> 2024.1-1',
      'nova-own: 7-1 -> removed, as no archive offers it',
    ]);
    expect(await step.run()).toBe(true);
    expect(
      (await run(versions))
        .split('\n')
        .filter((line) => line.startsWith('ii'))
        .toSorted(),
    ).toEqual(['ii horizon 2024.1-1', 'ii nova-common 2024.1-1', 'ii nova-compute 2024.1-1']);

    await run(`${source('2025.1')} >/etc/apt/sources.list.d/next.list
      mkdir /srv/pool && mv /srv/own.deb /srv/pool/own_7-1.deb && cd /srv/pool && apt-ftparchive packages . >Packages 2>/dev/null ||
      { dpkg-deb -f own_7-1.deb; echo "Filename: ./own_7-1.deb"; echo "Size: $(stat -c %s own_7-1.deb)"; echo "SHA256: $(sha256sum <own_7-1.deb | cut -d' ' -f1)"; } >Packages
      echo 'deb [trusted=yes] file:/srv/pool ./' >>/etc/apt/sources.list.d/next.list; apt-get update`);
    expect(await step.back()).toBe(true);
    expect(await run(versions)).toBe(before);
  });

  it('tells releases apart while both archives are there', async () => {
    const run = sh('cmp2');
    await run(
      `${source('2025.1')} >/etc/apt/sources.list.d/next.list; apt-get update; apt-get -y install nova-compute`,
    );
    const step = repair('cmp2', { notFrom: ['/srv/mirror/2025.1'] });

    expect(await repair('cmp2').isDone()).toBe(true);
    expect(await step.run()).toBe(true);
    expect(await run(versions)).toBe('ii nova-common 2024.1-1\nii nova-compute 2024.1-1\n');
    expect(await step.back()).toBe(true);
    expect(await run(versions)).toBe('ii nova-common 2025.1-1\nii nova-compute 2025.1-1\n');
  });

  it('ends the state in which a package that cannot be configured leaves dpkg', async () => {
    const run = sh('cmp3');
    await run(
      `${source('proposed')} >/etc/apt/sources.list.d/next.list; apt-get update; apt-get -y install nova-compute`,
    );
    await run('rm /etc/apt/sources.list.d/next.list; apt-get update');
    const step = repair('cmp3');

    expect(await run(versions)).toContain('iF nova-compute 2025.1-2');
    expect(await step.changes()).toContain('nova-compute: dpkg calls it unfinished (iF)\n');
    expect(await step.run()).toBe(true);
    expect(await run(versions)).toBe('ii nova-common 2024.1-1\nii nova-compute 2024.1-1\n');
  });
});
