import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hostStep } from '../../jobs/run/run.ts';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import type { StepSpec } from '../../jobs/files/runbook.ts';
import { type JunoProduct, startJunoProduct } from '../support/processes/juno-product.ts';

jest.setTimeout(600_000);

const packageStep = (id: string, install: string[], on = 'ctl1'): StepSpec => ({
  id,
  title: `Install ${install.join(', ')}`,
  kind: 'package',
  on,
  params: { install, remove: [], purge: [], update: false },
  maxFailures: 0,
});

/** Each failure of the story is met by inspection, or stops a run and is recognised there. One cloud for all. */
describe('the failures of the story, on the Juno cloud', () => {
  let juno: JunoProduct;

  beforeAll(async () => {
    juno = await startJunoProduct(['deprecatedOptions', 'nullUuids', 'tokenCron', 'fullDisk']);
  });

  afterEach(() => juno.letGo());

  afterAll(() => juno.end());

  const end = async (run: string, outcome: string) => {
    const { ended } = await juno.until(run, 'the end', (now) => now.ended !== undefined);
    expect(ended?.outcome).toBe(outcome);
  };
  it('nullUuids, tokenCron, fullDisk: inspection names them before anything runs', async () => {
    await juno.type('inspect juno-lab');
    const said = await juno.answer('Inspection of juno-lab');

    expect(said).toContain(
      '✗ Rows  2 in nova: rows without an instance uuid; the next sync refuses them',
    );
    expect(said).toContain('✗ Disk  ');
    expect(said).toMatch(
      /Cron {2}has to be off during the upgrade, on ctl1 .*keystone-manage token_flush/,
    );
    await juno.lab.mend('nullUuids');
  });

  it('fullDisk, noBinaryLog: a dump finds no room; with room it is made, and says that it has no position', async () => {
    await juno.lab.fail('noBinaryLog');
    const run = await juno.begin('backup', await juno.planned('kilo', 'kilo-backup'));
    await juno.approve(run);
    const { says, message } = await juno.stuckCard(run);
    expect(says).toContain('What it is  The disk is full.');
    expect(says).toContain('Fixes  1  Make room, then Retry');

    await juno.lab.mend('fullDisk');
    await juno.press(message, 'run.retry');
    await end(run, 'succeeded');
    await juno.heard('binary log: off');
    await juno.lab.mend('noBinaryLog');
  });

  it('wrongSubnet: its fix is for a person, who is asked once it is approved', async () => {
    await juno.lab.fail('wrongSubnet');
    const run = await juno.begin('subnets', await juno.planned('kilo', 'kilo-neutron-subnets'));
    await juno.approve(run);
    const { says, message } = await juno.stuckCard(run);
    expect(says).toContain('What it is  An external subnet covers more than its own addresses.');

    await juno.press(message, 'run.fix.1');
    await juno.heard('covers 203.0.113.128/25 of subnet');
    await juno.approve(run);
    const place = { phase: 'apply', step: 'kilo-neutron-subnet-correct-w1', host: 'ctl1' } as const;
    await juno.until(run, 'a person asked', (now) => hostStep(now, place).status === 'asked');
    await juno.lab.mend('wrongSubnet');
    await juno.type(`done ${run} 203.0.113.0/24 before, 203.0.113.0/25 now`);
    await end(run, 'succeeded');
  });

  it('horizonWithoutStyles: the dashboard is purged and comes back with its settings', async () => {
    await juno.lab.fail('horizonWithoutStyles');
    const settings = await juno.lab.ask('ctl1', 'cat /etc/openstack-dashboard/local_settings.py');
    const [remove, styles] = await juno.planned(
      'liberty',
      'liberty-horizon-remove',
      'kilo-horizon-styles',
    );
    const run = await juno.begin('styles', [
      remove!,
      packageStep('install', ['openstack-dashboard']),
      styles!,
    ]);
    await juno.approve(run);
    const { says, message } = await juno.stuckCard(run);
    expect(says).toContain("What it is  The dashboard's style sheets do not load.");

    await juno.press(message, 'run.fix.1');
    await juno.heard('one-way');
    await juno.approve(run);
    await end(run, 'succeeded');
    expect(await juno.lab.ask('ctl1', 'styles')).toBe('200');
    expect(await juno.lab.ask('ctl1', 'cat /etc/openstack-dashboard/local_settings.py')).toBe(
      settings,
    );
  });

  it('mixedPackages: no upgrade begins on them; they are brought back to one release, as somebody presses', async () => {
    await juno.lab.fail('mixedPackages');
    await juno.type('start juno-lab liberty');
    expect(await juno.answer('Nothing was done')).toContain(
      'its packages are of several releases: keystone Juno, glance Juno, nova Juno and Kilo',
    );

    const run = await juno.begin('packages', [
      packageStep('juno-packages', ['nova-api', 'nova-scheduler']),
    ]);
    await juno.approve(run);
    const { says, message } = await juno.stuckCard(run);
    expect(says).toContain('What it is  The host has packages of several releases.');
    await juno.lab.ask(
      'ctl1',
      'cd /etc/apt/sources.list.d; rm cloudarchive-kilo.list cloudarchive-liberty.list; apt-get -q update >/dev/null',
    );
    await juno.press(message, 'run.fix.1');
    await juno.approve(run);
    await end(run, 'succeeded');
    expect(
      await juno.lab.ask(
        'ctl1',
        "apt-get check >/dev/null && dpkg-query --show -f '${Version}' python-nova",
      ),
    ).toMatch(/2014/);
  });

  it('keystoneRespawn, deprecatedOptions: the daemon lets go of its ports, and Roll back brings it back', async () => {
    const steps = await juno.planned(
      'kilo',
      'kilo-stop-apache2',
      'kilo-keystone-keystone-conf',
      'kilo-keystone-wsgi-keystone-conf',
      'kilo-keystone-site-on',
      'kilo-start-apache2',
    );
    await juno.lab.fail('keystoneRespawn');
    const run = await juno.begin('apache', steps);
    await juno.approve(run);
    const { says, message } = await juno.stuckCard(run);
    expect(says).toContain("What it is  Something else holds keystone's ports.");
    await juno.lab.mend('keystoneRespawn');
    await juno.heard('bind_host');
    await juno.press(message, 'run.fix.1');
    await juno.approve(run);
    await end(run, 'succeeded');
    await juno.type(`rollback ${run}`);
    const asked = await juno.until(run, 'the wish', (now) => now.rollback !== now.proposed);
    if (asked.proposed !== undefined) await juno.type(`approve ${run}`, pretendPeople.ben.id);
    await juno.until(run, 'the rollback', (now) => now.ended?.outcome === 'rolledBack');
    expect(
      await juno.lab.ask('ctl1', 'service keystone status; status http://127.0.0.1:5000/v3'),
    ).toContain('200');
  });

  it("firstKilo: Kilo's first nova is told by what it prints", async () => {
    await juno.lab.fail('firstKilo');
    const steps = await juno.planned(
      'kilo',
      'kilo-backup',
      'kilo-repository',
      'kilo-nova-packages',
      'kilo-nova-migrate-flavors',
    );
    const run = await juno.begin('flavors', steps);
    await juno.approve(run);
    const { says, buttons } = await juno.stuckCard(run);

    expect(says).toContain("What it is  Kilo's first nova cannot move flavors.");
    expect(says).toContain('1  Install nova 2015.1.1 or later of Kilo, then Retry');
    expect(buttons.filter((id) => id.startsWith('run.fix'))).toEqual([]);
  });
});
