import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade, type UpgradeRequest } from '../../../openstack/plan/planner.ts';
import { hostsOnCloud } from '../../../jobs/files/runbook.ts';
import { largeCloud, ovnCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';

const Named = z.looseObject({ name: z.string() });
const Undone = z.looseObject({ undo: z.array(z.array(z.string())) });
const cloud = ovnCloud('caracal', 'noble');

const planOf = (change: Partial<UpgradeRequest> = {}) =>
  planUpgrade({ knowledge, cloud, facts: CloudFacts.parse({}), target: 'epoxy', ...change }).steps;

const steps = planOf();
const hostsIn = (title: string): string[][] =>
  steps.filter((step) => step.title === `Epoxy: ${title}`).map(({ on }) => hostsOnCloud(cloud, on));
const placeOf = (title: string): number =>
  steps.findIndex((step) => step.title === `Epoxy: ${title}`);

const pin = 'have ovn-controller wait for a northd of its version';
const central = "restart OVN's databases, which converts them, and northd";
const controller = 'restart ovn-controller, which keeps its flows';
const databases = "check OVN's northbound and southbound database";

describe('a plan of a cloud with OVN', () => {
  it('has every controller wait before the first northd is upgraded, and lets them go at the end', () => {
    expect(placeOf(pin)).toBeGreaterThan(placeOf(databases));
    expect(placeOf(central)).toBeGreaterThan(placeOf(pin));
    expect(placeOf('have ovn-controller follow any northd again')).toBe(
      placeOf("check that OVN's northd is the installed one and that it is active or stands by") +
        1,
    );
    expect(hostsIn(pin)).toEqual([['net1', 'net2', 'cmp01', 'cmp02', 'cmp03']]);
  });

  it('restarts the central part of one host at a time, and looks at both databases after each', () => {
    expect(hostsIn(central)).toEqual([['ctl1'], ['ctl2'], ['ctl3']]);
    for (const [index, { title }] of steps.entries())
      if (title === `Epoxy: ${central}`)
        expect(steps[index + 1]?.title).toBe(`Epoxy: ${databases}`);
  });

  it('restarts the controller of a host after its packages, and sees that the new one is connected', () => {
    expect(hostsIn(controller)).toEqual([['net1'], ['net2'], ['cmp01'], ['cmp02'], ['cmp03']]);
    expect(hostsIn('check that the new ovn-controller runs and is connected')).toEqual(
      hostsIn(controller),
    );
  });

  it('never stops what carries the traffic of instances', () => {
    const named = steps
      .filter(({ kind }) => kind === 'service')
      .map(({ params }) => Named.parse(params).name);

    expect(named.filter((name) => /^ovn-|^openvswitch/.test(name))).toEqual([]);
  });

  it('tries no instance while controllers hold still, and says so before the outage', () => {
    const tried = steps.filter(({ kind }) => kind === 'smoke').map(({ title }) => title);
    const notes = steps.flatMap(({ notes: all = [] }) => all);

    expect(tried).not.toContain('Epoxy: smoke test before the APIs reopen');
    expect(tried).toContain('Epoxy: smoke test on the first new compute');
    expect(notes.join(' ')).toContain('each ovn-controller of the old version holds still');
  });

  it('leads back to the old programs: their restart stands before the packages', () => {
    for (const [title, undo] of [
      ["check that OVN's northd runs; a rollback restarts OVN's old programs here", 'try-restart'],
      [
        "check ovn-controller's connection; a rollback restarts the old ovn-controller here",
        'exit --restart',
      ],
    ] as const) {
      const found = steps.filter((step) => step.title === `Epoxy: ${title}`);
      expect(found.length).toBeGreaterThan(2);
      for (const step of found) {
        expect(JSON.stringify(Undone.parse(step.params).undo)).toContain(undo);
        const packages = steps.findIndex(
          ({ kind, on }, index) =>
            index > steps.indexOf(step) && kind === 'package' && String(on) === String(step.on),
        );
        expect(packages).toBeGreaterThan(steps.indexOf(step));
      }
    }
  });

  it('takes the worker that keeps OVN in order from Flamingo on', () => {
    const neutron = knowledge.services['neutron'];

    expect(neutron?.series.epoxy?.parts['maintenance']).toBeUndefined();
    expect(neutron?.series.flamingo?.parts['maintenance']?.units).toEqual([
      'neutron-ovn-maintenance-worker',
    ]);
  });
});

describe('a plan of a cloud whose file does not name OVN', () => {
  const unnamed = CloudFacts.parse({ unnamed: { ovn: ['cmp01', 'lb1'] } });
  const plain = largeCloud('caracal', 'noble', 3);

  it('is refused where whole hosts move: nobody may stop it by hand', () => {
    expect(() => planOf({ cloud: plain, facts: unnamed })).toThrow(
      expect.objectContaining({
        name: 'OvnUnnamed',
        message:
          'planning an upgrade of cloud medium: OVN is on cmp01, and the cloud file does not name it',
      }),
    );
  });

  it('is made where a single service moves, or other hosts have it', () => {
    const elsewhere = CloudFacts.parse({ unnamed: { ovn: ['lb1'] } });

    expect(planOf({ cloud: plain, facts: elsewhere }).length).toBeGreaterThan(50);
    expect(planOf({ cloud: plain, facts: unnamed, only: ['keystone'] }).length).toBeGreaterThan(5);
  });
});
