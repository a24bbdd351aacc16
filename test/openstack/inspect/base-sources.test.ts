import { describe, expect, it } from '@jest/globals';
import { readSources } from '../../../handlers/packages/sources.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { baseSources } from '../../../openstack/inspect/base-sources.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';

const files = {
  '/etc/apt/sources.list.d/ubuntu.sources': `Types: deb deb-src
URIs: https://mirror.example.org/ubuntu/
Suites: jammy jammy-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://archive.ubuntu.com/ubuntu
Suites: jammy
Components: main
`,
  '/etc/apt/sources.list': `# deb http://archive.ubuntu.com/ubuntu jammy main
deb [arch=amd64 trusted=yes] http://user:secret@10.0.0.1/security jammy-security main
deb https://download.ceph.com/debian-reef jammy main
deb-src https://mirror.example.org/ubuntu jammy main
`,
};
const index = (uri: string, suite: string, origin: string): string =>
  ` 500 ${uri} ${suite}/main amd64 Packages\n     release v=22.04,o=${origin},a=${suite},n=jammy,l=${origin},c=main,b=amd64\n     origin x\n`;
const policy = {
  exit: 0,
  stderr: '',
  stdout: [
    index('https://mirror.example.org/ubuntu', 'jammy', 'Ubuntu'),
    index('https://mirror.example.org/ubuntu', 'jammy-updates', 'Ubuntu'),
    index('http://10.0.0.1/security', 'jammy-security', 'Ubuntu'),
    index('https://download.ceph.com/debian-reef', 'jammy', 'ceph'),
  ].join(''),
};
const found = baseSources(readSources(files), policy, 'jammy');

describe("the distribution's own sources of a host", () => {
  it('are those that it made itself, enabled, in either format', () => {
    expect(found).toEqual([
      ...['', '-updates'].map((pocket) => ({
        file: '/etc/apt/sources.list.d/ubuntu.sources',
        uri: 'https://mirror.example.org/ubuntu/',
        pocket,
        components: ['main', 'universe'],
        keyFile: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
      })),
      {
        file: '/etc/apt/sources.list',
        uri: 'http://user:secret@10.0.0.1/security',
        pocket: '-security',
        components: ['main'],
        trusted: true,
      },
    ]);
  });

  it('are where its next release comes from, and the files that named the old one go', () => {
    const { steps } = planned('caracal', 'jammy');
    const on = (host: string) =>
      steps
        .filter((step) => [step.on].flat().includes(host))
        .map(({ kind, params }) => ({ kind, params: params as Record<string, unknown> }));
    const places = (host: string) =>
      on(host)
        .filter(({ kind }) => kind === 'repository')
        .map(({ params: { uri, suite } }) => `${String(uri)} ${String(suite)}`);
    const removed = (host: string) =>
      on(host)
        .filter(({ kind, params }) => kind === 'file' && params['absent'] === true)
        .map(({ params }) => params['path']);

    expect(places('ctl1')).toEqual([
      'https://mirror.example.org/ubuntu/ noble',
      'https://mirror.example.org/ubuntu/ noble-updates',
      'http://user:secret@10.0.0.1/security noble-security',
    ]);
    expect(removed('ctl1')).toEqual([
      '/etc/apt/sources.list.d/ubuntu.sources',
      '/etc/apt/sources.list',
    ]);
    const asked = on('ctl1').find(({ kind }) => kind === 'package-forecast');
    expect(asked?.params['sources']).toContainEqual(
      expect.stringMatching(
        /^deb \[signed-by=\S+\] https:\/\/mirror.example.org\/ubuntu\/ noble main universe$/,
      ),
    );
  });

  it('lead through two releases, each taking away what names the one before', () => {
    const removed = planned('yoga', 'focal')
      .steps.filter(({ kind, on }) => kind === 'file' && [on].flat().includes('ctl1'))
      .flatMap(({ params }) => (params as { path: string }).path);

    expect(removed).toEqual(
      expect.arrayContaining([
        '/etc/apt/sources.list',
        '/etc/apt/sources.list.d/ubuntu-jammy.list',
        '/etc/apt/sources.list.d/ubuntu-jammy-updates.list',
      ]),
    );
    expect(removed.some((file) => file.includes('ubuntu-noble'))).toBe(false);
  });

  it('are asked for where a host has none and the file of the cloud names no mirror', () => {
    expect(() => planned('caracal', 'jammy', ['cmp3'])).toThrow(
      expect.objectContaining({
        name: 'NoMirror',
        message: expect.stringContaining('where cmp3 of cloud'),
        hint: expect.stringMatching(/services\.packages\.mirror in \S+\.yaml/),
      }),
    );
  });
});

/** Led to Caracal on noble; hosts but those have sources of their own. */
function planned(series: string, codename: string, without: readonly string[] = []) {
  const whole = smallCloud(series, codename);
  const { packages: _packages, ...services } = whole.services as Record<string, unknown>;
  const cloud = { ...whole, services: { ...services, packages: { codename } } };
  const bases = Object.fromEntries(
    Object.keys(cloud.hosts).map((host) => [host, without.includes(host) ? [] : found]),
  );
  return planUpgrade({
    knowledge,
    cloud,
    facts: CloudFacts.parse({ bases }),
    target: 'caracal',
    codename: 'noble',
  });
}
