import { command } from '../../../../handlers/contract/command.ts';
import { fewNames } from '../../../../handlers/words/counts.ts';
import {
  compareReleases,
  newestRelease,
  releaseNames,
  releaseNameTitle,
} from '../../../knowledge/releases.ts';
import { compareVersions } from '../../../../handlers/packages/release-of-version.ts';
import { type InspectionCheck, type CheckContext, type CheckAnswer, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { hostStateShell } from './scripts/embedded.ts';

/** What any host of a cloud has that an upgrade may stumble over: its clock, old processes, leftovers, disk. */
export const hostStateCheck: InspectionCheck = {
  id: 'host-state',
  ask: ({ cloud }) =>
    Object.keys(cloud.hosts).map((host) => ({
      host,
      commands: [command(['sh', '-c', hostStateShell, 'sh'])],
    })),
  read: (said, context) => ({
    findings: said.flatMap((one) => [
      ...clock(one),
      ...stale(one),
      ...leftovers(one),
      ...settings(one),
      ...disks(one),
      ...virtualisation(one, context),
    ]),
    facts: {
      codenames: Object.fromEntries(
        said.flatMap(({ host, outputs: [out] }) =>
          taggedRows(out, 'codename').map(([name = '']) => [host, name]),
        ),
      ),
    },
  }),
};

function clock({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const running = taggedRows(out, 'clock-unit').flat();
  const [synchronized = ''] = taggedRows(out, 'clock-synchronized')[0] ?? [];
  const hasAnswered = taggedRows(out, 'end').length > 0;
  if (!hasAnswered || running.length > 0 || synchronized === 'yes') return [];
  return [
    {
      level: 'warn',
      host,
      what: 'no clock service runs (chrony, ntpsec or systemd-timesyncd)',
      hint: 'Tokens and service states are judged by time: start one, and see that all hosts agree.',
      source: 'kolla-ansible@stable/2026.1:ansible/roles/prechecks/tasks/timesync_checks.yml',
    },
  ];
}

function stale({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const units = [...new Set(taggedRows(out, 'stale').map(([unit = '']) => unit))];
  if (units.length === 0) return [];
  return [
    {
      level: 'bad',
      host,
      what: `still run files that a package has replaced: ${units.join(', ')}`,
      hint: 'Restart these units: health checks stay green while such a process answers wrongly.',
    },
  ];
}

const leftoverKinds: Readonly<Record<string, { readonly what: string; readonly hint: string }>> = {
  'policy-json': {
    what: 'policies in JSON, which oslo.policy no longer reads from 2026.1 on and Debian packages move away',
    hint: 'Convert with oslopolicy-convert-json-to-yaml on the release that runs now.',
  },
  conffile: {
    what: 'configuration files that an earlier upgrade left beside the live ones',
    hint: 'Compare them with the live files, then remove them.',
  },
  'policy-rc.d': {
    what: '/usr/sbin/policy-rc.d, which keeps packages from starting services',
    hint: 'Find out who left it; services that it holds stay down after their upgrade.',
  },
  hold: {
    what: 'packages on hold, which apt will not upgrade',
    hint: 'Release them with apt-mark unhold, or leave them and expect apt to refuse.',
  },
  'reboot-required': {
    what: 'a reboot that an earlier upgrade asked for',
    hint: 'Reboot before the window rather than in it.',
  },
};

function leftovers({ host, outputs: [out] }: CheckAnswer): Finding[] {
  return Object.entries(leftoverKinds).flatMap(([tag, { what, hint }]): Finding[] => {
    const found = taggedRows(out, tag).map(([one = '']) => one);
    if (found.length === 0) return [];
    return [{ level: 'warn', host, what: `has ${what}: ${fewNames(found, 5)}`, hint }];
  });
}

function settings({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const pins = taggedRows(out, 'pin').map(([line = '']) => line);
  const timers = taggedRows(out, 'unattended').map(([unit = '']) => unit);
  return [
    ...(pins.length === 0
      ? []
      : [
          {
            level: 'warn' as const,
            host,
            what: `pins versions of its messages: ${pins.join(', ')}`,
            hint: 'Expected during a rolling upgrade only. "compute = auto" is safe to keep.',
          },
        ]),
    ...(timers.length === 0
      ? []
      : [
          {
            level: 'warn' as const,
            host,
            what: `upgrades packages by itself: ${timers.join(', ')}`,
            hint: 'Stop it for the window, or it takes the lock of apt in the middle of a step.',
          },
        ]),
  ];
}

/** A full-upgrade to another release of the distribution fetched and unpacked 2 GB on a control host. */
const needsKiB = 3 * 1024 * 1024;

function disks({ host, outputs: [out] }: CheckAnswer): Finding[] {
  return taggedRows(out, 'disk').flatMap(([path = '', free = '']): Finding[] => {
    const kib = Number(free);
    if (!Number.isFinite(kib) || kib >= needsKiB) return [];
    const have = `${(kib / 1024 / 1024).toFixed(1)} GiB`;
    return [
      {
        level: 'warn',
        host,
        what: `has ${have} free on ${path}; an upgrade of all packages takes up to 3 GiB`,
        hint: 'Run apt-get clean, or make room.',
      },
    ];
  });
}

function virtualisation(
  { host, outputs: [out] }: CheckAnswer,
  { knowledge, series }: CheckContext,
): Finding[] {
  const now = newestRelease(series);
  return taggedRows(out, 'virt').flatMap(([name = '', version = '']): Finding[] => {
    const refusing = releaseNames.flatMap((one) => {
      const known = knowledge.floors.virt[one];
      const least = name === 'libvirt' ? known?.libvirt : known?.qemu;
      if (known === undefined || least === undefined || compareVersions(version, least) >= 0)
        return [];
      return now === undefined || compareReleases(one, now) > 0
        ? [{ one, least, source: known.source }]
        : [];
    });
    const [first] = refusing;
    if (first === undefined) return [];
    return [
      {
        level: 'warn',
        into: first.one,
        host,
        what: `${name} ${version} is too old for nova-compute from ${releaseNameTitle(first.one)} on, which wants ${first.least}`,
        hint: 'Upgrade the operating system of this host first.',
        source: first.source,
      },
    ];
  });
}

// No single quotes: it reads the same once it is quoted.
