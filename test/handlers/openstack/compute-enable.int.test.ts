import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOpenStack } from '../../support/openstack/fake-openstack.ts';
import { compute, server } from '../../support/openstack/openstack-things.ts';
import { StepUnderTest, type StepResult } from '../../support/steps/step.ts';

let cloud: FakeOpenStack;
beforeEach(async () => {
  cloud = await new FakeOpenStack().start();
  cloud.computes = [compute('cmp1'), compute('cmp2')];
  cloud.servers = [server('vm1'), server('elsewhere', { 'OS-EXT-SRV-ATTR:host': 'cmp2' })];
});
afterEach(async () => cloud.stop());

describe('compute-drain with the state enabled', () => {
  it('enables a host once it is up, and on rollback disables it as it was', async () => {
    Object.assign(cloud.computes[0] ?? {}, {
      status: 'disabled',
      disabled_reason: 'Hopscotch: upgrade of this host',
      state: 'down',
    });
    let looks = 0;
    cloud.instead = ({ path }) => {
      if (path.endsWith('os-services') && (looks += 1) > 3)
        Object.assign(cloud.computes[0] ?? {}, { state: 'up' });
      return undefined;
    };
    const step = drain({ state: 'enabled' });

    expect(await applied(step)).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(
        /nova-compute on cmp1: up after \d+ s\nnova-compute on cmp1: enabled\n/,
      ),
    });
    expect(await step.isDone()).toBe(true);
    expect(await step.undo()).toMatchObject({ isOk: true });
    expect(cloud.computes[0]).toMatchObject({
      status: 'disabled',
      disabled_reason: 'Hopscotch: upgrade of this host',
    });
  });

  it('does not enable a host that stays down', async () => {
    Object.assign(cloud.computes[0] ?? {}, {
      status: 'disabled',
      disabled_reason: 'Hopscotch: x',
      state: 'down',
    });

    expect(await applied(drain({ state: 'enabled', timeout: 1 }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /after 1 s it still waits for nova-compute on cmp1 to be up: it is down, and was last heard of at 2026/,
      ),
    });
    expect(cloud.computes[0]).toMatchObject({ status: 'disabled' });
  });
});

const drain = (rest: object): StepUnderTest =>
  new StepUnderTest('compute-drain', { openrc: cloud.openrc, host: 'cmp1', ...rest });

async function applied(step: StepUnderTest): Promise<StepResult> {
  const ran = await step.apply();
  if (ran === 'unchanged') throw new Error('it did nothing');
  return ran;
}
