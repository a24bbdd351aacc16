import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { moveLine, PackageForecast } from '../../../handlers/packages/forecast.ts';
import { promised } from '../../../handlers/packages/forecast-handler.ts';
import { promisesOf } from '../../../handlers/packages/params.ts';
import { startHosts, type PretendHosts } from '../../../sandbox/hosts/hosts.ts';
import { onPretendHost, StepUnderTest } from '../../support/steps/step.ts';

jest.setTimeout(240_000);

/** Every deb of the archive, each in a folder of what makes it special, with its stanza of an index beside it. */
const build = `set -e
deb() { # KIND NAME VERSION SOURCE MORE
  at=/srv/build/$1/$2; rm -rf $at; mkdir -p $at/DEBIAN /srv/debs/$1
  { echo "Package: $2"; echo "Version: $3"; echo "Source: $4"; printf '%b' "$5"; printf '%s\\n' 'Architecture: all' 'Maintainer: x <x@example.org>' 'Description: x'; } >$at/DEBIAN/control
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
deb new nova-common 31.0.0-1 nova ''
deb new keystone 27.0.0-1 keystone 'Depends: python3-lib (>= 2)\\n'
deb mixed keystone 28.0.0-1 keystone 'Depends: python3-lib (>= 2)\\n'
deb new python3-lib 2 python-lib ''
deb removes python3-lib 2 python-lib 'Breaks: extra\\n'
deb conflict nova-common 31.0.0-1 nova 'Depends: not-there (>= 9)\\n'
`;

const traps = ['mixed', 'held', 'pinned', 'removes', 'conflict', 'dropped', 'unread'] as const;
type Traps = Record<(typeof traps)[number], boolean>;
const none = Object.fromEntries(traps.map((one) => [one, false])) as Traps;
const drawn = fc.sample(fc.record(Object.fromEntries(traps.map((one) => [one, fc.boolean()]))), {
  numRuns: Number(process.env['MODEL_RUNS'] ?? 2),
  seed: 16,
}) as Traps[];
const cases: Traps[] = [none, ...traps.map((one) => ({ ...none, [one]: true })), ...drawn];

const wants = [
  { source: 'nova', release: 'Epoxy', from: '31.0.0', below: '32.0.0' },
  { source: 'keystone', release: 'Epoxy', from: '27.0.0', below: '28.0.0' },
];

let dir: string;
let hosts: PretendHosts;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forecast-'));
  hosts = await startHosts({ dir, hosts: [{ name: 'ctl1', roles: [], ownUsr: true }] });
  expect(await sh(build)).not.toContain('exit ');
});
afterAll(async () => {
  await hosts.stop();
  await rm(dir, { recursive: true });
});

const sh = async (script: string): Promise<string> => {
  const { stdout, stderr, code } = await hosts.exec(
    'ctl1',
    `export DEBIAN_FRONTEND=noninteractive; ${script}`,
  );
  return code === 0 ? stdout : `${stdout}${stderr}exit ${code}`;
};
const names = 'nova-api nova-common keystone python3-lib extra';
const versions = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (
      await sh(
        `dpkg-query --show --showformat='\${db:Status-Abbrev} \${Package} \${Version}\\n' ${names} 2>/dev/null || :`,
      )
    )
      .split('\n')
      .flatMap((line) => (line.startsWith('ii') ? [line.split(/ +/).slice(1, 3)] : [])),
  );

/** The host as it was before, and the two archives with these traps. */
async function lay(set: Traps): Promise<void> {
  const fresh = (kind: string): string => `/srv/debs/${kind}/*.index`;
  const left = [
    set.mixed ? fresh('mixed') : '/srv/debs/new/keystone*.index',
    set.removes ? fresh('removes') : '/srv/debs/new/python3-lib*.index',
    set.conflict ? fresh('conflict') : '/srv/debs/new/nova-common*.index',
    '/srv/debs/new/nova-api*.index',
  ];
  const said = await sh(`set -e
    apt-mark unhold ${names} >/dev/null 2>&1 || :
    rm -f /etc/apt/preferences.d/own /etc/apt/sources.list.d/*; : >/etc/apt/sources.list
    dpkg --purge --force-depends ${names} >/dev/null 2>&1 || :
    dpkg -i /srv/debs/old/*.deb >/dev/null
    mkdir -p /srv/old /srv/new
    ln -sfn /srv/debs /srv/old/debs; ln -sfn /srv/debs /srv/new/debs
    cat ${set.dropped ? '/dev/null' : fresh('old')} >/srv/old/Packages
    cat ${left.join(' ')} >/srv/new/Packages
    ${set.held ? 'apt-mark hold nova-api >/dev/null' : ''}
    ${set.pinned ? "printf 'Package: keystone\\nPin: version 25.*\\nPin-Priority: 1001\\n' >/etc/apt/preferences.d/own" : ''}
    echo 'deb [trusted=yes] file:/srv/old ./' >/etc/apt/sources.list.d/own.list
    apt-get -q update >/dev/null 2>&1`);
  expect(said).not.toContain('exit ');
}

const step = (set: Traps, rest: object = {}) =>
  new StepUnderTest(
    'package-forecast',
    {
      sources: [`deb [trusted=yes] file:${set.unread ? '/srv/not-there' : '/srv/new'} ./`],
      upgrade: 'full',
      wants,
      ...rest,
    },
    onPretendHost(hosts, 'ctl1'),
  );

const outcome = (of: StepUnderTest): Promise<string> =>
  of.isDone().then(
    () => 'green',
    (error: Error & { name: string }) => error.name,
  );

const label = (set: Traps): string => traps.filter((one) => set[one]).join(' and ') || 'no trap';
/** Nothing that would end on another release, or not end at all, may be green. */
const isSound = ({ mixed, held, pinned, conflict, unread }: Traps): boolean =>
  !(mixed || held || pinned || conflict || unread);

describe('package-forecast, on a real apt', () => {
  it.each(cases.map((set) => [label(set), set] as const))(
    'meets %s before anything stops, and changes nothing',
    async (_what, set) => {
      await lay(set);
      const before = await sh(
        'find /etc/apt /var/lib/apt /var/lib/dpkg/status -type f | sort | xargs sha256sum',
      );
      const found = PackageForecast.parse(await step(set).probe());
      const said = await outcome(step(set));

      expect(
        await sh(
          'find /etc/apt /var/lib/apt /var/lib/dpkg/status -type f | sort | xargs sha256sum',
        ),
      ).toBe(before);
      expect(await sh('ls -d /var/tmp/hopscotch-forecast* 2>/dev/null || :')).toBe('');
      expect(said === 'green').toBe(isSound(set));
      if (said !== 'green') return;
      expect(found.moves.some(({ name, to }) => name === 'extra' && to === undefined)).toBe(
        set.removes,
      );
      expect(found.lost.some(({ name }) => name === 'nova-api')).toBe(set.dropped);
      const was = await versions();
      await sh(
        `echo 'deb [trusted=yes] file:/srv/new ./' >/etc/apt/sources.list.d/new.list; apt-get -q update`,
      );
      const upgrade = new StepUnderTest(
        'package',
        {
          upgrade: 'full',
          sources: ['nova', 'keystone'],
          expects: promisesOf(promised(found, wants)),
        },
        onPretendHost(hosts, 'ctl1'),
      );
      expect(await upgrade.run()).toBe(true);
      const is = await versions();
      const happened = [...new Set([...Object.keys(was), ...Object.keys(is)])]
        .filter((name) => was[name] !== is[name])
        .map((name) => `${name}: ${was[name] ?? 'not installed'} -> ${is[name] ?? 'removed'}`);
      expect(found.moves.map(moveLine).toSorted()).toEqual(happened.toSorted());
    },
  );

  it('goes back package by package to what no archive offers any more, or says before that it cannot', async () => {
    await lay({ ...none, dropped: true });
    const lost = async () =>
      PackageForecast.parse(await step(none).probe())
        .lost.map(({ name, from }) => `${name} ${from}`)
        .toSorted();
    const packages = ['keystone', 'nova-api', 'nova-common', 'python3-lib'];
    const keep = new StepUnderTest('package-keep', { packages }, onPretendHost(hosts, 'ctl1'));
    expect(await lost()).toEqual(packages.map((name) => `${name} nowhere`));
    await expect(keep.run()).rejects.toThrow(/nobody has keystone 25.0.0-1, .* any more/);

    await sh(
      'for f in /srv/debs/old/*.deb; do b=${f##*/}; cp $f /var/cache/apt/archives/${b%.deb}_all.deb; done',
    );
    expect(await lost()).toEqual(packages.map((name) => `${name} cache`));
    expect(await keep.run()).toBe(true);
    const was = await versions();
    await sh(
      `echo 'deb [trusted=yes] file:/srv/new ./' >/etc/apt/sources.list.d/new.list; apt-get -q update; rm /var/cache/apt/archives/*.deb`,
    );
    const upgrade = new StepUnderTest('package', { upgrade: 'full' }, onPretendHost(hosts, 'ctl1'));
    expect(await upgrade.run()).toBe(true);
    expect(await versions()).not.toEqual(was);

    expect(await upgrade.back()).toBe(true);
    expect(await versions()).toEqual(was);
    expect(await keep.back()).toBe(true);
    expect(
      await sh(
        'ls /var/lib/hopscotch/kept-packages /etc/apt/sources.list.d/hopscotch-kept.list 2>/dev/null || :',
      ),
    ).toBe('');
  });

  it('stops where the archive offers something else than was promised, also right before the first package', async () => {
    await lay(none);
    const found = PackageForecast.parse(await step(none).probe());
    const expects = promisesOf(promised(found, wants));
    await sh('sed -i "s/^Version: 27.0.0-1/Version: 27.0.1-1/" /srv/new/Packages');

    expect(await outcome(step(none, { expects }))).toBe('ArchiveChanged');
    await sh(
      `echo 'deb [trusted=yes] file:/srv/new ./' >/etc/apt/sources.list.d/new.list; apt-get -q update`,
    );
    const upgrade = new StepUnderTest(
      'package',
      { upgrade: 'full', sources: ['nova', 'keystone'], expects },
      onPretendHost(hosts, 'ctl1'),
    );
    await expect(upgrade.run()).rejects.toThrow(/keystone would be 27.0.1-1, not 27.0.0-1/);
    expect((await versions())['nova-api']).toBe('29.0.0-1');
  });
});
