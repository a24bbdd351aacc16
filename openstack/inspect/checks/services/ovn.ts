import { command } from '../../../../handlers/contract/command.ts';
import { compareVersions } from '../../../../handlers/packages/release-of-version.ts';
import { type CheckAnswer, type InspectionCheck, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { ovnShell } from './scripts/embedded.ts';

/** OVN: whether its databases are well, whether its programs are of one version, and whether an upgrade would cut traffic. */
export const ovnCheck: InspectionCheck = {
  id: 'ovn',
  ask: ({ cloud }) =>
    Object.keys(cloud.hosts).map((host) => ({
      host,
      commands: [command(['timeout', '30', 'sh', '-c', ovnShell, 'sh'], { as: 'root' })],
    })),
  read: (said) => ({
    findings: [...said.flatMap(databases), ...said.flatMap(connection), ...versions(said)],
  }),
};

const guide = 'OVN documentation, OVN upgrades (rolling upgrade, version pinning)';

/** Each database as its own server tells it: role in the cluster, and whether its schema was converted. */
function databases({ host, outputs: [out] }: CheckAnswer): Finding[] {
  return taggedRows(out, 'database').flatMap(([name = '', role = '', status = '']): Finding[] => {
    const what =
      role === ''
        ? `OVN's ${name} does not answer`
        : status !== 'cluster member'
          ? `OVN's ${name} is no member of its cluster: ${status || role}`
          : undefined;
    return what === undefined
      ? []
      : [
          {
            level: 'bad',
            host,
            what,
            hint: 'Neutron changes nothing without it: see ovn-appctl cluster/status, and bring it back before the window.',
            source: guide,
          },
        ];
  });
}

function connection({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const [[status = ''] = []] = taggedRows(out, 'controller');
  return status === '' || status === 'connected'
    ? []
    : [
        {
          level: 'bad',
          host,
          what: `ovn-controller is not connected to the southbound database: ${status}`,
          hint: 'New ports of this host are not wired. See its log before the window.',
          source: guide,
        },
      ];
}

/** Controllers go before the central part; where that cannot be, they hold still until it has their version. */
function versions(said: readonly CheckAnswer[]): Finding[] {
  const of = (tag: string): string[] =>
    said.flatMap(({ outputs: [out] }) => taggedRows(out, tag).map(([version = '']) => version));
  const [central, hosts] = [of('ovn-central'), of('ovn-host')].map((all) => [
    ...new Set(all.toSorted(compareVersions)),
  ]);
  const [oldest] = hosts ?? [];
  if (oldest === undefined) return [];
  const unpinned = said.filter(
    ({ outputs: [out] }) =>
      taggedRows(out, 'ovn-host').length > 0 && !taggedRows(out, 'match').flat().includes('true'),
  );
  const isOne = (central ?? []).every((one) => one === oldest) && hosts?.length === 1;
  return [
    ...(isOne
      ? []
      : [
          {
            level: 'warn' as const,
            what: `OVN is of several versions: ovn-host ${(hosts ?? []).join(', ')}, ovn-central ${(central ?? []).join(', ') || 'not found'}`,
            hint: 'Finish its last upgrade first: ovn-host on all hosts, then ovn-central.',
            source: guide,
          },
        ]),
    ...unpinned.map(({ host }): Finding => ({
      level: 'note',
      host,
      what: 'ovn-controller does not wait for an ovn-northd of its version (ovn-match-northd-version)',
      hint: 'A plan upgrades control hosts, and ovn-central with them, before computes. It sets this itself where the cloud file names ovn; else set external_ids:ovn-match-northd-version=true in Open_vSwitch before.',
      source: guide,
    })),
  ];
}

// No single quotes: it reads the same once it is quoted.
