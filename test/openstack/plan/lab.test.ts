import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CloudServices } from '../../../openstack/cloud/services.ts';
import type { Runbook } from '../../../jobs/files/runbook.ts';
import { labCloud, planLab, planSupported } from '../lab-cloud.ts';
import { planText } from './plan-text.ts';

const titles = ({ steps }: Runbook): string[] =>
  steps.map(({ title }) => title.replace(/^\w+: /, ''));

describe('the lab, from Zed on bookworm to Epoxy on trixie', () => {
  it.each([
    ['lab', undefined],
    ['lab-only-keystone', ['keystone']],
  ])('reads as in %s.golden.txt', async (name, only) => {
    const file = join(import.meta.dirname, `${name}.golden.txt`);
    const text = planText(planLab(only && { only }));
    // After a wanted change: GOLDEN=write npm run test:jest -- test/openstack/plan/lab
    if (process.env['GOLDEN'] === 'write') await writeFile(file, text);

    expect(text).toBe(await readFile(file, 'utf8'));
  });

  it('is refused without --unsupported, with the reason, the supported upgrade path, and what the risk is', () => {
    expect(() => planSupported()).toThrow(
      expect.objectContaining({
        name: 'UnsupportedHop',
        message: expect.stringMatching(
          /no single hop[^]*Zed, Antelope \(2023\.1\), Caracal \(2024\.1\), Epoxy \(2025\.1\)[^]*Antelope for bookworm[^]*nobody supports it/,
        ),
        hint: expect.stringContaining('--unsupported'),
      }),
    );
  });

  it('says its risks to whoever approves it first, and takes two people for that', () => {
    const [first, ...rest] = planLab({ unsupported: 'the end of Zed is near' }).steps;

    expect(first).toMatchObject({ approval: 2 });
    expect(first?.notes?.join('\n')).toMatch(
      /because: the end of Zed is near[^]*computes say 64[^]*66 \(Caracal\)[^]*disable_compute_service_check_for_ffu[^]*snapshots/,
    );
    expect(rest.filter(({ approval }) => approval !== undefined)).toEqual([]);
  });

  it('has all that worked by hand, in its order', () => {
    const order = titles(planLab());
    const at = (what: string): number => order.findIndex((title) => title.includes(what));
    const wanted = [
      'nova-status upgrade check',
      'nova online data migrations (Zed)',
      'smoke test before the upgrade',
      'drain HAProxy',
      'stop nova-compute',
      'stop nova-api',
      'stop keystone',
      'take snapshots of the whole hosts',
      'add apt repository trixie',
      'apt full-upgrade to trixie',
      'set compute_driver',
      "turn off nova's check for old computes on control hosts",
      'back up keystone, placement, glance, nova_api, nova, nova_cell0, neutron',
      'keystone-manage db_sync',
      'start keystone',
      'placement-manage db sync',
      'start placement-api',
      'enable HAProxy backend placement',
      'nova-manage api_db sync',
      'nova-manage db sync',
      'start nova-conductor',
      'start nova-api',
      'neutron-db-manage upgrade heads',
      'start neutron-rpc-server',
      'start nova-compute',
      'check that nova-compute is up and reports service version 68',
      "turn nova's check for old computes back on, on control hosts",
      'nova online data migrations (Epoxy)',
      'nova-status upgrade check after the upgrade',
      'smoke test after the upgrade',
      'enable HAProxy backend keystone_public',
    ].map((what) => [what, at(what)]);

    expect(wanted.filter(([, index]) => index === -1)).toEqual([]);
    expect(wanted.map(([what]) => what)).toEqual(
      wanted.toSorted(([, a], [, b]) => Number(a) - Number(b)).map(([what]) => what),
    );
  });

  it('holds exactly the services of OpenStack while packages are installed, and never ssh', () => {
    const holds = planLab().steps.flatMap(({ kind, params }) =>
      kind === 'package' ? [(params as { hold?: string[] }).hold] : [],
    );

    expect(holds).toEqual([
      [
        'apache2',
        'glance-api',
        'keystone',
        'neutron-api',
        'neutron-rpc-server',
        'nova-api',
        'nova-api-metadata',
        'nova-compute',
        'nova-conductor',
        'nova-novncproxy',
        'nova-scheduler',
        'placement-api',
      ],
    ]);
  });

  it('holds a unit that the cloud does without, and never starts it', () => {
    const services = CloudServices.parse(labCloud.services);
    const { nova } = services.openstack;
    const cloud = {
      ...labCloud,
      services: {
        ...services,
        openstack: { ...services.openstack, nova: { ...nova, without: ['nova-api-metadata'] } },
      },
    };
    const { steps } = planLab({ cloud });
    const text = (kind: string): string =>
      JSON.stringify(steps.filter((step) => step.kind === kind).map(({ params }) => params));

    expect(text('package')).toContain('"nova-api-metadata"');
    expect(text('service')).not.toContain('"nova-api-metadata"');
  });

  it('goes the supported upgrade path where that is open, and straight over it only when asked', () => {
    const services = CloudServices.parse(labCloud.services);
    const { archive: _none, ...packages } = services.packages ?? { codename: '', archive: 'none' };
    const cloud = { ...labCloud, services: { ...services, packages } };
    const road = ({ description = '' }: Runbook): string => description.split('.')[0] ?? '';

    expect(road(planSupported({ cloud }))).toBe('Upgrade path: Zed, Antelope, Caracal, Epoxy');
    expect(road(planLab({ cloud }))).toBe('Upgrade path: Zed, Epoxy');
    expect(road(planLab({ cloud, target: 'antelope' }))).toBe('Upgrade path: Zed, Antelope');
    expect(planLab({ cloud, target: 'antelope' }).steps[0]).toMatchObject({ approval: true });
  });
});
