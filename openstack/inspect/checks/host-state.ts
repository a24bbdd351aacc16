import { command } from '../../../handlers/contract/command.ts';
import { staleProcessesShell } from '../../../handlers/services/stale-shell.ts';
import { fewNames } from '../../../handlers/words/counts.ts';
import {
  compareReleases,
  newestRelease,
  releaseNames,
  releaseNameTitle,
} from '../../knowledge/releases.ts';
import { compareVersions } from '../../knowledge/version.ts';
import { isInNextHop } from '../../path/path.ts';
import {
  type Finding,
  type InspectionCheck,
  type CheckContext,
  type CheckAnswer,
  taggedRows,
} from './check.ts';

/** What any host of a cloud has that an upgrade may stumble over: its clock, old processes, leftovers, disk. */
export const hostStateCheck: InspectionCheck = {
  id: 'host-state',
  ask: ({ cloud }) =>
    Object.keys(cloud.hosts).map((host) => ({
      host,
      commands: [command(['sh', '-c', script, 'sh'])],
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
        level: isInNextHop(first.one, series, knowledge) ? 'warn' : 'note',
        host,
        what: `${name} ${version} is too old for nova-compute from ${releaseNameTitle(first.one)} on, which wants ${first.least}`,
        hint: 'Upgrade the operating system of this host first.',
        source: first.source,
      },
    ];
  });
}

// No single quotes: it reads the same once it is quoted.
const script = `${staleProcessesShell}line() { printf "%s\\t%s\\n" "$1" "$2"; }
. /etc/os-release 2>/dev/null && line codename "\${VERSION_CODENAME:-}"
for name in chronyd ntpd openntpd systemd-timesyn; do
  pgrep -x "$name" >/dev/null 2>&1 && line clock-unit "$name"
done
line clock-synchronized "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
stale_processes /proc | while read -r pid unit program; do
  [ "$unit" = - ] || line stale "\${unit%.service}"
done
for one in /etc/keystone /etc/glance /etc/placement /etc/nova /etc/neutron /etc/cinder /etc/heat /etc/octavia \\
  /etc/barbican /etc/designate /etc/manila /etc/ironic /etc/magnum /etc/openstack-dashboard; do
  [ -d "$one" ] || continue
  find "$one" -maxdepth 2 -name policy.json -exec printf "policy-json\\t%s\\n" {} \\;
  find "$one" -maxdepth 3 \\( -name "*.dpkg-dist" -o -name "*.dpkg-new" -o -name "*.dpkg-old" -o -name "*.ucf-dist" -o -name "*.ucf-old" \\) \\
    -exec printf "conffile\\t%s\\n" {} \\;
  find "$one" -maxdepth 2 -name "*.conf" -exec awk -v file={} "
    /^[[:space:]]*\\[/ { inside = (\\$0 ~ /^[[:space:]]*\\[upgrade_levels\\]/) }
    inside && /^[[:space:]]*[a-z_]+[[:space:]]*=/ { sub(/^[[:space:]]+/, \\"\\"); print \\"pin\\t\\" \\$0 \\" in \\" file }
  " {} \\;
done
[ -e /usr/sbin/policy-rc.d ] && line policy-rc.d /usr/sbin/policy-rc.d
apt-mark showhold 2>/dev/null | while read -r one; do line hold "$one"; done
[ -e /run/reboot-required ] && line reboot-required "$(sort -u /run/reboot-required.pkgs 2>/dev/null | tr "\\n" " ")"
for unit in unattended-upgrades.service apt-daily-upgrade.timer; do
  [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ] && line unattended "$unit"
done
df -Pk /var/cache/apt /usr /boot 2>/dev/null | awk "NR > 1 && !seen[\\$6]++ && \\$6 != \\"/boot\\" { print \\"disk\\t\\" \\$6 \\"\\t\\" \\$4 }"
command -v libvirtd >/dev/null && printf "virt\\tlibvirt\\t%s\\n" "$(libvirtd --version 2>/dev/null | awk "{ print \\$NF }")"
command -v qemu-system-x86_64 >/dev/null && printf "virt\\tQEMU\\t%s\\n" "$(qemu-system-x86_64 --version 2>/dev/null | awk "NR == 1 { print \\$4 }")"
line end here
`;
