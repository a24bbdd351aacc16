import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { PackageForecast } from '../../../handlers/packages/forecast.ts';
import { promised } from '../../../handlers/packages/forecast-handler.ts';
import { promisesOf } from '../../../handlers/packages/params.ts';
import {
  noTrap,
  playTraps,
  startTrappedHost,
  type TrappedHost,
  type Traps,
  traps,
  trapsText,
  wantedReleases,
} from '../../support/packages/trapped-archive.ts';

jest.setTimeout(240_000);

// Many more of them: npm run measure:green -- 80
const drawn = fc.sample(fc.record(Object.fromEntries(traps.map((one) => [one, fc.boolean()]))), {
  numRuns: 1,
  seed: 16,
}) as Traps[];
const pairs: Traps[] = [
  { ...noTrap, dropped: true, gone: true },
  { ...noTrap, dropped: true, removes: true },
];
// What the pairs hold is not played alone as well.
const alone = traps.filter((one) => one !== 'removes' && one !== 'gone');
const cases = [noTrap, ...alone.map((one) => ({ ...noTrap, [one]: true })), ...pairs, ...drawn];

let host: TrappedHost;
beforeAll(async () => {
  host = await startTrappedHost();
});
afterAll(() => host.stop());

const refusalOf = (set: Traps, rest: object): Promise<string> =>
  host
    .forecast(set, rest)
    .isDone()
    .then(
      () => 'green',
      (error: Error) => `${error.name}: ${error.message}`,
    );

describe('package-forecast, on a real apt', () => {
  it.each(cases.map((set) => [trapsText(set), set] as const))(
    'meets %s before anything stops; what it promises happens, and so does a rollback',
    async (_what, set) => {
      expect((await playTraps(host, set)).wrong).toEqual([]);
    },
  );

  it('says whose old version is to be had where, and refuses what the plan calls reversible and is not', async () => {
    await host.lay({ ...noTrap, dropped: true, gone: true });
    const found = PackageForecast.parse(await host.forecast(noTrap).probe());

    expect(found.lost.map(({ name, from }) => `${name} ${from}`).toSorted()).toEqual([
      'keystone nowhere',
      'nova-api repack',
      'nova-common repack',
      'python3-lib repack',
    ]);
    for (const wayBack of ['kept', 'archives'])
      expect(await refusalOf(noTrap, { wayBack })).toMatch(/^WayBackLost: .*keystone 25.0.0-1/);
    const keep = host.step('package-keep', { packages: ['keystone', 'nova-api'] });
    await expect(keep.run()).rejects.toThrow(/nobody has keystone 25.0.0-1 any more/);

    await host.sh(
      'cp /srv/debs/old/keystone_25.0.0-1.deb /var/cache/apt/archives/keystone_25.0.0-1_all.deb',
    );
    expect(await refusalOf(noTrap, { wayBack: 'archives' })).toMatch(/^WayBackLost: .* keystone/);
    expect(await refusalOf(noTrap, { wayBack: 'kept' })).toBe('green');
    const asked = host.forecast(noTrap, { goesBack: false });
    const unasked = PackageForecast.parse(await asked.probe());
    expect([unasked.lost, unasked.back, unasked.moves.length]).toEqual([
      [],
      [],
      found.moves.length,
    ]);
    await host.lay({ ...noTrap, essential: true });
    expect(await refusalOf(noTrap, { wayBack: 'archives' })).toMatch(/^WayBackLost: .*essential/);
  });

  it('packs anew what neither an archive nor the cache has, as it is on the host, and takes it all away again', async () => {
    await host.lay({ ...noTrap, dropped: true });
    await host.sh('echo own >/etc/keystone.conf; rm -f /run/configured-keystone');
    const files =
      'ls -lnR --time-style=+ /srv/files/keystone /etc/keystone.conf; cat /etc/keystone.conf';
    const was = [await host.sh(files), await host.versions()];
    const packages = ['keystone', 'python3-lib', 'nova-api', 'nova-common'];
    const keep = host.step('package-keep', { packages });
    expect(await keep.run()).toBe(true);
    const control = await host.sh(
      'dpkg-deb -f /var/lib/hopscotch/kept-packages/keystone_25.0.0-1_all.deb; dpkg-deb -f /srv/debs/old/keystone_25.0.0-1.deb',
    );
    const [packed, original] = [
      control.slice(0, control.length / 2),
      control.slice(control.length / 2),
    ];
    expect(packed.split('\n').toSorted()).toEqual(original.split('\n').toSorted());

    await host.addArchive();
    const upgrade = host.step('package', { upgrade: 'full' });
    expect(await upgrade.run()).toBe(true);
    expect(await upgrade.back()).toBe(true);
    expect([await host.sh(files), await host.versions()]).toEqual(was);
    expect(await host.sh('cat /run/configured-keystone')).toBe('25.0.0-1\n');
    expect(await keep.back()).toBe(true);
    expect(
      await host.sh(
        'ls /var/lib/hopscotch/kept-packages /etc/apt/sources.list.d/hopscotch-kept.list 2>/dev/null || :',
      ),
    ).toBe('');
  });

  it('keeps nothing where there is no room for it', async () => {
    await host.lay({ ...noTrap, dropped: true });
    await host.sh(
      'sed -i "/^Package: keystone$/a Installed-Size: 99999999999" /var/lib/dpkg/status',
    );
    const { stderr } = await host.step('package-keep', { packages: ['keystone'] }).fails();

    expect(stderr).toMatch(/has \d+ KiB free, and the packages take up to \d+ KiB/);
    expect(await host.sh('ls -A /var/lib/hopscotch/kept-packages')).toBe('');
  });

  it('stops where the archive offers something else than was promised, also right before the first package', async () => {
    await host.lay(noTrap);
    const found = PackageForecast.parse(await host.forecast(noTrap).probe());
    const expects = promisesOf(promised(found, wantedReleases));
    await host.sh('sed -i "s/^Version: 27.0.0-1/Version: 27.0.1-1/" /srv/new/Packages');

    expect(await refusalOf(noTrap, { expects })).toMatch(/^ArchiveChanged: /);
    await host.addArchive();
    const upgrade = host.step('package', {
      upgrade: 'full',
      sources: ['nova', 'keystone'],
      expects,
    });
    await expect(upgrade.run()).rejects.toThrow(/keystone would be 27.0.1-1, not 27.0.0-1/);
    expect((await host.versions())['nova-api']).toBe('29.0.0-1');
  });
});
