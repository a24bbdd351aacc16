import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CloudServices } from '../../openstack/cloud/services.ts';
import { labRoles, labServices } from '../support/openstack/lab-services.ts';
import { warmRoles, warmServices } from '../support/openstack/warm-services.ts';

const lab = join(import.meta.dirname, '..', '..', 'lab');
const clouds = readdirSync(join(lab, 'clouds')).map((file) => basename(file, '.cloud'));

interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly string[];
}

function hostsOf(cloud: string): LabHost[] {
  const shown = execFileSync(join(lab, 'lab'), ['show'], {
    env: { ...process.env, LAB_CLOUD: cloud },
    encoding: 'utf8',
  });
  return shown
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [name = '', address = '', ...roles] = line.replace(/ \(zone .*/, '').split(/ +/);
      return { name, address, roles };
    });
}

describe('the lab', () => {
  it('is shell that parses', () => {
    const parts = ['lib', 'roles'].flatMap((folder) =>
      readdirSync(join(lab, folder)).map((file) => join(lab, folder, file)),
    );
    for (const file of [join(lab, 'lab'), join(lab, 'host-init'), ...parts])
      expect(() => execFileSync('bash', ['-n', file], { encoding: 'utf8' })).not.toThrow();
  });

  it.each(clouds)('%s has hosts with an address each and roles that there are', (cloud) => {
    const hosts = hostsOf(cloud);
    expect(new Set(hosts.map(({ address }) => address)).size).toBe(hosts.length);
    expect(hosts.length).toBeGreaterThan(4);
    const unknown = hosts
      .flatMap(({ roles }) => roles)
      .filter((role) => !existsSync(join(lab, 'roles', `${role}.sh`)));
    expect(unknown).toEqual([]);
  });

  it.each(clouds)('%s has one repository, database and balancer', (cloud) => {
    const all = hostsOf(cloud).flatMap(({ roles }) => roles);
    for (const role of ['repo', 'mariadb', 'rabbitmq', 'memcached', 'haproxy'])
      expect(all.filter((one) => one === role)).toEqual([role]);
  });

  it.each([
    ['zed-epoxy', labRoles, labServices],
    ['warm', warmRoles, warmServices],
  ])('%s is described to Hopscotch with the same hosts', (cloud, roles, services) => {
    expect(Object.keys(roles).toSorted()).toEqual(
      hostsOf(cloud)
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(() => CloudServices.parse(services)).not.toThrow();
  });

  it('has dpkg find the program that compiles nothing before the one that does', () => {
    const root = mkdtempSync(join(tmpdir(), 'lab-'));
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
    mkdirSync(join(root, 'etc/apt/apt.conf.d'), { recursive: true });
    mkdirSync(join(root, 'etc/dpkg/dpkg.cfg.d'), { recursive: true });
    execFileSync('bash', ['-c', `. ${join(lab, 'lib/build.sh')}; quick_packages "$1"`, '_', root]);
    const env = { ...process.env, APT_CONFIG: join(root, 'etc/apt/apt.conf.d/99python') };
    const words = ['shell', 'path', 'DPkg::Path'];

    expect(execFileSync('apt-config', words, { env, encoding: 'utf8' })).toMatch(
      /^path='\/usr\/local\/bin:\/usr\/sbin:\/usr\/bin:/,
    );
    rmSync(root, { recursive: true });
  });

  it('refuses a word that clouds do not have', () => {
    const env = { ...process.env, LAB_CLOUD: join(lab, 'README.md') };
    const show = (): string =>
      execFileSync(join(lab, 'lab'), ['show'], { env, encoding: 'utf8', stdio: 'pipe' });
    expect(show).toThrow(/line 3: there is no word `lab`/);
  });
});
