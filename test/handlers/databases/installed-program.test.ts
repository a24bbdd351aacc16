import { expect, it } from '@jest/globals';
import {
  releaseOfProgram,
  servicesWithRelease,
} from '../../../handlers/databases/installed-program.ts';
import { knowledge } from '../../openstack/known.ts';

it.each(servicesWithRelease)(
  'tells the release of every version of %s that is known',
  (service) => {
    const known = Object.entries(knowledge.versions[service] ?? {});

    // Placement is the youngest: it left nova in Stein.
    expect(known.length).toBeGreaterThanOrEqual(15);
    for (const [series, all] of known)
      expect(all.map((version) => [version, releaseOfProgram(service, version)])).toEqual(
        all.map((version) => [version, series]),
      );
  },
);

it('reads versions as packages have them, and owns up to what it does not know', () => {
  expect(releaseOfProgram('nova', '1:2015.1.0~rc1-0ubuntu1~cloud0')).toBe('kilo');
  expect(releaseOfProgram('nova', '2:12.0.6-0ubuntu1~cloud0')).toBe('liberty');
  expect(releaseOfProgram('nova', '2:11.0.0')).toBeUndefined();
  expect(releaseOfProgram('nova', '99.0.0')).toBeUndefined();
  expect(releaseOfProgram('coreutils', '9.1-1')).toBeUndefined();
  expect(releaseOfProgram('ironic', '99.0.0')).toBeUndefined();
});

it.each([
  ['keystone', '2:22.0.2-0+deb12u6', 'zed'],
  ['keystone', '2:27.0.0-3+deb13u6', 'epoxy'],
  ['placement', '8.0.0-2', 'zed'],
  ['placement', '1:13.0.0-0ubuntu1~cloud0', 'epoxy'],
  ['nova', '2:26.2.2-1~deb12u5', 'zed'],
  ['neutron', '2:26.0.3-0+deb13u3', 'epoxy'],
  ['horizon', '3:23.0.0-5+deb12u2', 'zed'],
  ['horizon', '3:25.3.0-3+deb13u1', 'epoxy'],
  ['horizon', '4:24.0.0-0ubuntu1', 'caracal'],
  ['octavia', '11.0.0-2+deb12u1', 'zed'],
  ['barbican', '1:15.0.1-2', 'zed'],
  ['designate', '1:20.0.0-2+deb13u1', 'epoxy'],
  ['manila', '1:15.1.0-2', 'zed'],
  // Debian 12 brought a newer one along.
  ['ironic', '1:21.4.4-0+deb12u2', 'antelope'],
  ['ironic', '1:29.0.5-0+deb13u3', 'epoxy'],
  ['magnum', '15.0.1-4', 'zed'],
])('knows the packages of %s %s as %s', (service, version, series) => {
  expect(releaseOfProgram(service, version)).toBe(series);
});
