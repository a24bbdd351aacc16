import { z } from 'zod';
import { watchApis } from './api-watch.ts';
import type { RealLab } from './lab.ts';
import type { LabPart, PartStage } from './part.ts';
import { openstackClient } from './truth.ts';
import { isCardOver, isCardStuck } from './upgrade.ts';

const Services = z.array(
  z.object({ Binary: z.string(), Host: z.string(), Zone: z.string(), State: z.string() }),
);
const Agents = z.array(z.object({ Binary: z.string(), Host: z.string(), Alive: z.boolean() }));

const listOf = async (lab: RealLab, words: string): Promise<unknown> =>
  JSON.parse(await openstackClient(lab, `${words} -f json`)) as unknown;

/** What OpenStack's own client says of services and agents, each as `nova-compute cmp1 a up`. */
async function servicesAndAgents(lab: RealLab): Promise<string[]> {
  const nova = Services.parse(await listOf(lab, 'compute service list'));
  const cinder = Services.parse(await listOf(lab, 'volume service list'));
  const agents = Agents.parse(await listOf(lab, 'network agent list'));
  return [
    ...[...nova, ...cinder].map(
      ({ Binary, Host, Zone, State }) => `${Binary} ${Host} ${Zone} ${State}`,
    ),
    ...agents.map(({ Binary, Host, Alive }) => `${Binary} ${Host} ${Alive ? 'up' : 'down'}`),
  ].toSorted();
}

const controls = ['ctl1', 'ctl2'];
const healthy = [
  ...controls.flatMap((host) => [
    `nova-conductor ${host} internal up`,
    `nova-scheduler ${host} internal up`,
    `cinder-scheduler ${host} nova up`,
    `cinder-volume ${host}@fake nova up`,
  ]),
  'nova-compute cmp1 a up',
  'nova-compute cmp2 a up',
  'nova-compute cmp3 b up',
  ...['net1', 'cmp1', 'cmp2', 'cmp3'].map((host) => `neutron-openvswitch-agent ${host} up`),
  ...['l3', 'dhcp', 'metadata'].map((kind) => `neutron-${kind}-agent net1 up`),
].toSorted();

async function serves({ lab, expect }: PartStage): Promise<void> {
  const found = await servicesAndAgents(lab);
  expect(
    'services and agents are up, and none is missing',
    JSON.stringify(found) === JSON.stringify(healthy),
    found,
  );
  const servers = await openstackClient(
    lab,
    'server list -f value -c Name -c Status --sort-column Name',
  );
  expect(
    'there is a server in each zone',
    servers === 'vm-a ACTIVE\nvm-b ACTIVE\nvm1 ACTIVE',
    servers,
  );
  const volume = await openstackClient(lab, 'volume show -f value -c status vol1');
  expect('there is a volume', volume === 'available', volume);
  const stack = await openstackClient(lab, 'stack show -f value -c stack_status stack1');
  expect('there is a stack', stack === 'CREATE_COMPLETE', stack);
}

export const servesPart: LabPart = {
  id: 'serves',
  title: "OpenStack's own client finds all services and agents healthy, in both zones",
  from: 'fresh',
  play: serves,
};

/** Takes snapshots and restarts hosts, as the run asks a person to. */
async function handOfPerson(lab: RealLab, card: string): Promise<string> {
  const asked = /each of: ([\w, ]+)\. Call it ([\w.-]+)/.exec(card);
  if (asked !== null) {
    const hosts = asked[1]?.split(', ') ?? [];
    const name = `${asked[2] ?? ''}-${hosts.join('-')}`;
    if (!(await lab.snaps()).includes(name)) await lab.snap(name, ...hosts);
    return name;
  }
  const restarted = /Restart ([\w, ]+), and wait/.exec(card)?.[1]?.split(', ') ?? [];
  await lab.reboot(...restarted);
  return `restarted ${restarted.join(', ')}`;
}

export const hopPart: LabPart = {
  id: 'hop',
  title: '2026.1 to 2026.2, from Slack, to the end, with each API asked four times a second',
  from: 'fresh',
  play: async (stage) => {
    const { lab, world, expect, note } = stage;
    const apis = await watchApis('10.78.0.13');
    const begun = Date.now();
    const run = await world.startRun('start lab 2026.2');
    const { card, approvals } = await world.drive(run, {
      until: (text, buttons) => isCardOver(text) || isCardStuck(text, buttons),
      byHand: (text) => handOfPerson(lab, text),
      deadlineMs: 90 * 60_000,
    });
    for (const { api, downSeconds, longestSeconds, asked } of await apis.stop())
      note(
        `${api} down`,
        `${downSeconds} s, at most ${longestSeconds} s at a stretch, asked ${asked} times`,
      );
    note('seconds of the whole run', Math.round((Date.now() - begun) / 1000));
    note('approvals', approvals);
    expect('the run went to its end', isCardOver(card), `${card}\n${await world.thread(run)}`);
    await serves(stage);
  },
};
