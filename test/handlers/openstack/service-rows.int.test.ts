import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenStack } from '../../support/openstack/fake-openstack.ts';
import { agent, compute } from '../../support/openstack/openstack-things.ts';
import { locally, StepUnderTest, type StepResult } from '../../support/steps/step.ts';

let cloud: FakeOpenStack;
beforeEach(async () => {
  cloud = await new FakeOpenStack().start();
});
afterEach(async () => cloud.stop());

const lost = { state: 'down', updated_at: '2025-01-02T03:04:05.000000' };

describe('service-rows', () => {
  it('shows all that are up, and waits for those that are not yet', async () => {
    cloud.computes = [compute('cmp1', lost), compute('cmp2', { forced_down: true, state: 'down' })];
    let looks = 0;
    cloud.instead = () => {
      if ((looks += 1) > 4) Object.assign(cloud.computes[0] ?? {}, { state: 'up' });
      return undefined;
    };

    const ran = await applied(rows('nova', { wait: 20 }));

    expect(ran).toMatchObject({ isOk: true, stderr: '' });
    expect(ran.stdout).toBe(
      'nova-compute@cmp1: up\n' +
        'nova-compute@cmp2: down, last heard of at 2026-11-23T04:25:36.000000 (forced down)\n' +
        'nova: 1 of 2 are up\n',
    );
  });

  it('names those that are down and not expected to be', async () => {
    cloud.computes = [
      compute('cmp1'),
      compute('old1', { ...lost, status: 'disabled', disabled_reason: 'sold' }),
      compute('old2', lost),
      compute('cmp9', lost),
    ];

    expect(await applied(rows('nova', { down: ['nova-compute@cmp9'], wait: 0 }))).toMatchObject({
      isOk: false,
      exit: 1,
      stdout: expect.stringMatching(/nova: 1 of 4 are up\n$/),
      stderr:
        'service-rows: nova: 2 not to be expected after 0 s: ' +
        'nova-compute@old1: down, last heard of at 2025-01-02T03:04:05.000000 (disabled: sold); ' +
        'nova-compute@old2: down, last heard of at 2025-01-02T03:04:05.000000\n',
    });
  });

  it('expects a stopped volume service down with each backend, and under its whole host name', async () => {
    const of = (host: string, rest: object): object => ({
      binary: 'cinder-volume',
      host,
      status: 'enabled',
      ...rest,
    });
    cloud.volumeServices = [
      of('ctl1@lvm', { state: 'up', updated_at: null }),
      of('ctl2@lvm', lost),
      of('ctl3.example.org@lvm', lost),
    ].map((row) => ({ ...row }));
    const down = ['cinder-volume@ctl2', 'cinder-volume@ctl3'];

    expect(await applied(rows('cinder', { down, wait: 0 }))).toMatchObject({ isOk: true });

    cloud.volumeServices.push({ ...of('ctl22@lvm', lost) });
    expect(await applied(rows('cinder', { down, wait: 0 }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /: 1 not to be expected after 0 s: cinder-volume@ctl22@lvm: down/,
      ),
    });
  });

  it('removes those that it is told to, of nova and of neutron', async () => {
    cloud.computes = [compute('cmp1'), compute('old1', lost)];
    const step = rows('nova', { remove: ['nova-compute@old1'], wait: 0 });
    expect(await applied(step)).toMatchObject({
      isOk: true,
      stdout: 'nova-compute@old1: removed\nnova-compute@cmp1: up\nnova: 1 of 1 are up\n',
    });
    expect(await step.isDone()).toBe(true);

    cloud.agents = [agent('DHCP agent', 'net1'), agent('L3 agent', 'old', { alive: false })];
    expect(
      await applied(rows('neutron', { remove: ['neutron-l3-agent@old'], wait: 0 })),
    ).toMatchObject({ isOk: true });
    expect(cloud.agents).toHaveLength(1);
  });

  it('removes none that is up, and says what nova answers when it refuses', async () => {
    cloud.computes = [compute('cmp1')];
    const step = rows('nova', { remove: ['nova-compute@cmp1'] });
    expect(await applied(step)).toMatchObject({
      isOk: false,
      stderr: 'service-rows: nova-compute@cmp1 is up, so it is not removed: stop it first\n',
    });
    expect(await step.isDone()).toBe(false);

    cloud.computes = [compute('old1', lost)];
    const message = 'Unable to delete compute service that is hosting instances.';
    cloud.instead = ({ method }) =>
      method === 'DELETE'
        ? { status: 409, body: { conflictingRequest: { code: 409, message } } }
        : undefined;
    expect(await applied(rows('nova', { remove: ['nova-compute@old1'] }))).toMatchObject({
      isOk: false,
      stderr: expect.stringContaining(`HTTP 409 ${message}`),
    });
  });

  it('lets cinder-manage remove rows of cinder, whose API cannot', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'service-rows-'));
    const isGone = () => readFileSync(join(dir, 'asked'), 'utf8');
    for (const name of ['cinder-manage', 'runuser'])
      writeFileSync(join(dir, name), `#!/bin/sh\necho "$(basename "$0") $*" >${dir}/asked\n`, {
        mode: 0o755,
      });
    const row = { binary: 'cinder-volume', host: 'old@lvm', status: 'enabled', ...lost };
    cloud.volumeServices = [row];
    cloud.instead = ({ path }) => {
      if (path.includes('/volume/') && cloud.said('GET', /os-services/).length > 2)
        cloud.volumeServices = [];
      return undefined;
    };
    const params = { service: 'cinder', openrc: cloud.openrc, wait: 0 };
    const path = { PATH: `${dir}:${process.env['PATH']}` };
    const step = new StepUnderTest(
      'service-rows',
      { ...params, remove: ['cinder-volume@old@lvm'] },
      locally(path),
    );

    expect(await applied(step)).toMatchObject({ isOk: true });

    expect(isGone()).toMatch(/cinder-manage service remove cinder-volume old@lvm\n$/);
    rmSync(dir, { recursive: true });
  });

  it('says that a cloud has no cinder', async () => {
    cloud.hasVolumes = false;

    expect(await applied(rows('cinder'))).toMatchObject({
      isOk: false,
      stderr: 'service-rows: the catalog has no endpoint of volume\n',
    });
  });
});

const rows = (service: string, rest: object = {}): StepUnderTest =>
  new StepUnderTest('service-rows', { service, openrc: cloud.openrc, ...rest });

async function applied(step: StepUnderTest): Promise<StepResult> {
  const ran = await step.apply();
  if (ran === 'unchanged') throw new Error('it did nothing');
  return ran;
}
