import { describe, expect, it } from '@jest/globals';
import type { CheckContext } from '../../../../../openstack/inspect/checks/check.ts';
import { databaseServerCheck } from '../../../../../openstack/inspect/checks/databases/server.ts';
import { largeCloud } from '../../../clouds-today.ts';
import { contextOn } from '../context.ts';

const context = contextOn(largeCloud('caracal', 'noble', 3), 'caracal');

const on = (codename: string): CheckContext => ({
  ...context,
  services: { ...context.services, packages: { ...context.services.packages, codename } },
});

interface Wsrep {
  readonly state?: string;
  readonly size?: number;
  readonly provider?: string;
}

const node = (
  version: string,
  { state = 'Synced', size = 3, provider = '26.4.8(r7a0a8a0)' }: Wsrep = {},
) =>
  [
    `version\t${version}`,
    `wsrep_local_state_comment\t${state}`,
    `wsrep_cluster_size\t${size}`,
    `wsrep_provider_version\t${provider}`,
  ].join('\n');

function said(codename: string, ...stdouts: string[]): string[] {
  const { findings = [] } = databaseServerCheck.read(
    stdouts.map((stdout, index) => ({
      host: `db${index + 1}`,
      outputs: [{ exit: 0, stdout, stderr: '' }],
    })),
    on(codename),
  );
  return findings.map(({ level, host, what }) => `${level} ${host ?? ''}: ${what}`);
}

const jammy = '10.6.18-MariaDB-0ubuntu0.22.04.1';

describe('what inspection finds about the database servers', () => {
  it('is what the next release of the distribution carries', () => {
    expect(said('jammy', `version\t${jammy}\n`)).toEqual([
      'note db1: is MariaDB 10.6.18; noble carries 10.11',
    ]);
    expect(said('bookworm', node('10.11.6-MariaDB-0+deb12u1', { size: 1 }))).toEqual([
      'note db1: is MariaDB 10.11.6 with Galera 4; trixie carries 11.8',
    ]);
  });

  it('is nothing where it stays as it is, or is another product', () => {
    expect(said('jammy', 'version\t10.11.2-MariaDB\n')).toEqual([]);
    expect(said('jammy', 'version\t8.0.39-0ubuntu0.22.04.1\n')).toEqual([]);
    expect(said('jammy', '')).toEqual([]);
  });

  it('is a step from Galera 3 to 4, with the version between', () => {
    expect(said('focal', node('10.3.39-MariaDB', { size: 1, provider: '25.3.37(r)' }))).toEqual([
      'warn db1: MariaDB 10.3.39 has Galera 3, and the 10.6 of jammy Galera 4: a rolling upgrade goes through 10.4',
    ]);
  });

  it('is a cluster that is not whole', () => {
    const nodes = [
      node('10.11.8-MariaDB', { size: 2 }),
      node('10.11.8-MariaDB', { state: 'Donor/Desynced', size: 2 }),
      '',
    ];
    expect(said('sid', ...nodes)).toEqual([
      'bad db2: this node of Galera is Donor/Desynced and not Synced',
      "warn db1: Galera has 2 of the 3 nodes that the cloud's file names",
      "warn db2: Galera has 2 of the 3 nodes that the cloud's file names",
    ]);
  });

  it('is a cluster of two versions', () => {
    expect(
      said('sid', node('10.6.18-MariaDB', { size: 2 }), node('10.11.8-MariaDB', { size: 2 })),
    ).toEqual([
      "bad db1: Galera's nodes are of several versions: MariaDB 10.6.18, 10.11.8",
      "bad db2: Galera's nodes are of several versions: MariaDB 10.6.18, 10.11.8",
    ]);
  });

  it('is asked of every host of the database, with the login that lies there', () => {
    expect(databaseServerCheck.ask(context).map(({ host }) => host)).toEqual(['db1']);
  });
});
