import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackageForecast } from '../../../handlers/packages/forecast.ts';
import { startHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../steps/step.ts';

/** Every deb of the archive, each in a folder of what makes it special, with its stanza of an index beside it. */
const build = `set -e
deb() { # KIND NAME VERSION SOURCE MORE
  at=/srv/build/$1/$2; rm -rf $at; mkdir -p $at/DEBIAN $at/etc $at/srv/files/$2 /srv/debs/$1
  { echo "Package: $2"; echo "Version: $3"; echo "Source: $4"; printf '%b' "$5"; printf '%s\\n' 'Architecture: all' 'Maintainer: x <x@example.org>' 'Description: x' ' of two lines'; } >$at/DEBIAN/control
  echo $3 >$at/srv/files/$2/version; ln -s version "$at/srv/files/$2/a link"; chmod 750 $at/srv/files/$2
  echo of $3 >$at/etc/$2.conf; echo /etc/$2.conf >$at/DEBIAN/conffiles
  printf '%s\\n' '#!/bin/sh' "echo $3 >/run/configured-$2" >$at/DEBIAN/postinst; chmod 755 $at/DEBIAN/postinst
  out=/srv/debs/$1/$2_$3.deb
  dpkg-deb --root-owner-group --build $at $out >/dev/null
  { dpkg-deb -f $out; echo "Filename: ./debs/$1/$2_$3.deb"; echo "Size: $(stat -c %s $out)"; echo "SHA256: $(sha256sum <$out | cut -d' ' -f1)"; echo; } >$out.index
}
deb old nova-api 29.0.0-1 nova 'Depends: nova-common (= 29.0.0-1)\\n'
deb old nova-common 29.0.0-1 nova ''
deb old keystone 25.0.0-1 keystone 'Depends: python3-lib\\n'
deb old python3-lib 1 python-lib ''
deb old extra 1 extra ''
deb new nova-api 31.0.0-1 nova 'Depends: nova-common (= 31.0.0-1)\\n'
deb new nova-common 31.0.0-1 nova 'Depends: python3-fresh\\n'
deb new python3-fresh 1 python-fresh ''
deb new keystone 27.0.0-1 keystone 'Depends: python3-lib (>= 2)\\n'
deb mixed keystone 28.0.0-1 keystone 'Depends: python3-lib (>= 2)\\n'
deb new python3-lib 2 python-lib ''
deb removes python3-lib 2 python-lib 'Breaks: extra\\n'
deb conflict nova-common 31.0.0-1 nova 'Depends: not-there (>= 9)\\n'
deb essential python3-fresh 1 python-fresh 'Essential: yes\\n'
`;

export const traps = [
  'mixed',
  'held',
  'pinned',
  'removes',
  'conflict',
  'dropped',
  'gone',
  'essential',
  'unread',
] as const;
/** `dropped`: no archive has the old versions any more; `gone`: a file of an old package is, so it cannot be packed anew. */
export type Traps = Record<(typeof traps)[number], boolean>;

export const noTrap = Object.fromEntries(traps.map((one) => [one, false])) as Traps;

export const trapsText = (set: Traps): string =>
  traps.filter((one) => set[one]).join(' and ') || 'no trap';

/** Nothing that would end on another release, or not end at all, may be green. */
export const isSound = ({ mixed, held, pinned, conflict, unread }: Traps): boolean =>
  !(mixed || held || pinned || conflict || unread);

/** Whether no packages lead back. */
export const needsSnapshot = ({ dropped, gone, essential }: Traps): boolean =>
  (dropped && gone) || essential;

export const wantedReleases = [
  { source: 'nova', release: 'Epoxy', from: '31.0.0', below: '32.0.0' },
  { source: 'keystone', release: 'Epoxy', from: '27.0.0', below: '28.0.0' },
];

const names = 'nova-api nova-common keystone python3-lib extra python3-fresh';

/** A host with real apt and dpkg, an archive that it has packages of, and one that it is to be upgraded from. */
export async function startTrappedHost() {
  const dir = await mkdtemp(join(tmpdir(), 'forecast-'));
  const hosts = await startHosts({ dir, hosts: [{ name: 'ctl1', roles: [], ownUsr: true }] });
  const sh = async (script: string): Promise<string> => {
    const { stdout, stderr, code } = await hosts.exec(
      'ctl1',
      `export DEBIAN_FRONTEND=noninteractive; ${script}`,
    );
    if (code !== 0) throw new Error(`exit ${code}: ${stdout}${stderr}`);
    return stdout;
  };
  await sh(build);
  const step = (kind: string, params: object): StepUnderTest =>
    new StepUnderTest(kind, params, onPretendHost(hosts, 'ctl1'));
  return {
    sh,
    step,
    lay: (set: Traps) => sh(layScript(set)),
    /** The new archive, as a plan's step adds it. */
    addArchive: () =>
      sh(
        `echo 'deb [trusted=yes] file:/srv/new ./' >/etc/apt/sources.list.d/new.list; apt-get -q update`,
      ),
    versions: async (): Promise<Record<string, string>> =>
      Object.fromEntries(
        (
          await sh(
            `dpkg-query --show --showformat='\${db:Status-Abbrev} \${Package} \${Version}\\n' ${names} 2>/dev/null || :`,
          )
        )
          .split('\n')
          .flatMap((line) => (line.startsWith('ii') ? [line.split(/ +/).slice(1, 3)] : [])),
      ),
    forecast: (set: Traps, rest: object = {}): StepUnderTest =>
      step('package-forecast', {
        sources: [`deb [trusted=yes] file:${set.unread ? '/srv/not-there' : '/srv/new'} ./`],
        upgrade: 'full',
        wants: wantedReleases,
        ...rest,
      }),
    stop: async () => {
      await hosts.stop();
      await rm(dir, { recursive: true });
    },
  };
}
export type TrappedHost = Awaited<ReturnType<typeof startTrappedHost>>;

/** The host as it was before, and the two archives with these traps. */
function layScript(set: Traps): string {
  const left = [
    set.mixed ? '/srv/debs/mixed/*.index' : '/srv/debs/new/keystone*.index',
    set.removes ? '/srv/debs/removes/*.index' : '/srv/debs/new/python3-lib*.index',
    set.conflict ? '/srv/debs/conflict/*.index' : '/srv/debs/new/nova-common*.index',
    set.essential ? '/srv/debs/essential/*.index' : '/srv/debs/new/python3-fresh*.index',
    '/srv/debs/new/nova-api*.index',
  ];
  return `set -e
    apt-mark unhold ${names} >/dev/null 2>&1 || :
    rm -rf /var/lib/hopscotch/kept-packages /var/cache/apt/archives/*.deb
    rm -f /etc/apt/preferences.d/own /etc/apt/sources.list.d/*; : >/etc/apt/sources.list
    dpkg --purge --force-depends --force-remove-essential ${names} >/dev/null 2>&1 || :
    dpkg -i /srv/debs/old/*.deb >/dev/null
    apt-mark manual nova-api keystone extra >/dev/null; apt-mark auto nova-common python3-lib >/dev/null
    mkdir -p /srv/old /srv/new
    ln -sfn /srv/debs /srv/old/debs; ln -sfn /srv/debs /srv/new/debs
    cat ${set.dropped ? '/dev/null' : '/srv/debs/old/*.index'} >/srv/old/Packages
    cat ${left.join(' ')} >/srv/new/Packages
    ${set.held ? 'apt-mark hold nova-api >/dev/null' : ''}
    ${set.gone ? 'rm /srv/files/keystone/version' : ''}
    ${set.pinned ? "printf 'Package: keystone\\nPin: version 25.*\\nPin-Priority: 1001\\n' >/etc/apt/preferences.d/own" : ''}
    echo 'deb [trusted=yes] file:/srv/old ./' >/etc/apt/sources.list.d/own.list
    apt-get -q update >/dev/null 2>&1`;
}

/** How it went with one set of traps, played to its end. */
export interface TrapVerdict {
  /** `green`, or the name of the refusal. */
  readonly said: string;
  /** What a plan would say of a rollback. */
  readonly back: 'packages' | 'kept' | 'snapshot' | 'not asked';
  /** What was wrong about it; empty: nothing. */
  readonly wrong: readonly string[];
}

/** Asks apt; where that is green, does as a plan does: keeps, upgrades, compares, and goes back. */
export async function playTraps(host: TrappedHost, set: Traps): Promise<TrapVerdict> {
  await host.lay(set);
  const before = await host.sh(everything);
  const asked = host.forecast(set);
  const found = PackageForecast.parse(await asked.probe());
  const said = await verdictOf(asked);
  const after = await host.sh(everything);
  const wrong = [
    ...(after === before ? [] : ['asking apt changed the host']),
    ...((said === 'green') === isSound(set) ? [] : [`it is ${said}`]),
  ];
  if (said !== 'green') return { said, back: 'not asked', wrong };
  const back = wayBack(found);
  if ((back === 'snapshot') !== needsSnapshot(set)) wrong.push(`a rollback is ${back}`);
  return { said, back, wrong: [...wrong, ...(await playedThrough(host, found, back))] };
}

const everything =
  'find /etc/apt /var/lib/apt /var/lib/dpkg/status /var/lib/hopscotch -type f 2>/dev/null | sort | xargs sha256sum; ls -d /var/tmp/hopscotch-forecast* 2>/dev/null || :';

const verdictOf = (step: StepUnderTest): Promise<string> =>
  step.isDone().then(
    () => 'green',
    (error: Error) => error.name,
  );

const wayBack = ({ lost, back }: PackageForecast): 'packages' | 'kept' | 'snapshot' =>
  back.length > 0 || lost.some(({ from }) => from === 'nowhere')
    ? 'snapshot'
    : lost.length > 0
      ? 'kept'
      : 'packages';

async function playedThrough(
  host: TrappedHost,
  found: PackageForecast,
  back: 'packages' | 'kept' | 'snapshot',
): Promise<string[]> {
  const was = await host.versions();
  if (back === 'kept')
    await host.step('package-keep', { packages: found.lost.map(({ name }) => name) }).run();
  await host.addArchive();
  const upgrade = host.step('package', { upgrade: 'full', sources: ['nova', 'keystone'] });
  if ((await upgrade.run()) !== true) return ['the upgrade did not end well'];
  const is = await host.versions();
  const happened = [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => was[name] !== is[name])
    .map((name) => `${name} ${was[name] ?? '-'} ${is[name] ?? '-'}`);
  const forecast = found.moves.map(({ name, from = '-', to = '-' }) => `${name} ${from} ${to}`);
  const apart =
    happened.toSorted().join() === forecast.toSorted().join()
      ? []
      : [`apt said ${forecast.toSorted().join(', ')}; it did ${happened.toSorted().join(', ')}`];
  if (back === 'snapshot') return apart;
  const isBack = await upgrade.back();
  const now = await host.versions();
  return isBack && JSON.stringify(now) === JSON.stringify(was)
    ? apart
    : [...apart, `it went back to ${JSON.stringify(now)}`];
}
