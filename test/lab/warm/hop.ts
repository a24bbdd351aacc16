import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiAvailability, type ApiGap, watchApis } from './api-watch.ts';
import { type LabPart, type PartStage, areSameLists } from '../part.ts';
import {
  type ApiOutage,
  promisedOutages,
  promiseWords,
  type StepSeen,
  unpromisedGaps,
} from './promises.ts';
import { openKeeper } from './kept.ts';
import { driveOn, handOfPerson, rememberServers } from './people.ts';
import { longestPause, startPing } from './pings.ts';
import { openstackClient } from '../truth.ts';
import { isCardOver } from '../upgrade.ts';
import {
  foundHeads,
  foundMajors,
  healthyServices,
  hibiscusHeads,
  packagesAndSources,
  rowsAtDump,
  servicesAndAgents,
  warmFailedUnits,
  warmMajors,
} from './truth.ts';

const balancer = '10.78.0.13';
export const survivors = ['vm-a', 'vm-b', 'vm1'];

export async function serves({ lab, expect }: PartStage): Promise<void> {
  let found = await servicesAndAgents(lab);
  // What has just started reports after half a minute.
  for (let tries = 0; tries < 20 && !areSameLists(found, healthyServices); tries++) {
    await sleep(3000);
    found = await servicesAndAgents(lab);
  }
  expect(
    'services and agents are up, and none is missing',
    areSameLists(found, healthyServices),
    found,
  );
  const servers = await openstackClient(
    lab,
    'server list -f value -c Name -c Status --sort-column Name',
  );
  expect(
    'there is a server in each zone',
    servers === survivors.map((name) => `${name} ACTIVE`).join('\n'),
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
  play: async (stage) => {
    await serves(stage);
    const majors = await foundMajors(stage.lab);
    stage.expect('every service is of 2026.1', areSameLists(majors, warmMajors('old')), majors);
  },
};

/** What a user makes, on the new release: a server in each zone, a volume, a stack. */
async function makesNew({ lab, expect }: PartStage): Promise<void> {
  for (const zone of ['a', 'b']) {
    const made = await openstackClient(
      lab,
      `server create -f value -c status --wait --image cirros --flavor m1.tiny --nic none --availability-zone ${zone} fresh-${zone} | tail -1`,
    );
    expect(`a new server of zone ${zone} goes ACTIVE`, made === 'ACTIVE', made);
  }
  await openstackClient(lab, 'volume create --size 1 fresh');
  await lab.sh(
    'ctl1',
    `echo '{"heat_template_version": "2018-08-31", "resources": {"text": {"type": "OS::Heat::RandomString"}}}' >/run/fresh.json`,
  );
  const stack = await openstackClient(
    lab,
    'stack create -f value -c stack_status --wait -t /run/fresh.json fresh | tail -1',
  );
  expect('a new stack is there', stack === 'CREATE_COMPLETE', stack);
  const volume = await openstackClient(lab, 'volume show -f value -c status fresh');
  expect('a new volume is there', volume === 'available', volume);
}

export const plannedPart: LabPart = {
  id: 'planned',
  title:
    'The hop is planned beside a keystone and an image host that are ahead, one API after the other',
  from: 'fresh',
  play: async ({ world, expect, note }) => {
    const begun = Date.now();
    const plan = await world.ask('plan lab 2026.2', 'Rollback', 300_000);
    note('seconds until the plan', Math.round((Date.now() - begun) / 1000));
    const path = 'Upgrade path: Gazpacho on forky, Hibiscus on sid';
    expect('its upgrade path is one hop', plan.includes(path), plan);
    const apis = [...promisedOutages([plan]).keys()];
    expect(
      'it leaves the image host alone, to which apt brings nothing',
      plan.includes('Left as it is: glance'),
      plan,
    );
    expect(
      'it has those down alone that have no second host, or something that has to stop before',
      areSameLists(apis, ['nova', 'heat']),
      plan,
    );
  },
};

async function pings({ lab, expect }: PartStage, host: string): Promise<void> {
  const why = await startPing(lab, host).then(
    () => '',
    (error: unknown) => String(error),
  );
  expect(`a port on ${host} reaches its router on net1`, why === '', why);
}

async function pingsAll(stage: PartStage): Promise<void> {
  for (const host of ['cmp1', 'cmp2', 'cmp3']) await pings(stage, host);
}

function noteDowntimes(
  { expect, note }: PartStage,
  apis: readonly ApiAvailability[],
  read: { readonly approvals: readonly string[]; readonly steps: readonly StepSeen[] },
): void {
  const promised = promisedOutages(read.approvals);
  // A second way into the same service.
  const outagesOf = (api: string): readonly ApiOutage[] =>
    promised.get(api.split(' ', 1)[0] ?? '') ?? [];
  for (const { api, downSeconds, longestSeconds, asked } of apis)
    note(
      `${api} down`,
      `${downSeconds} s, at most ${longestSeconds} s at a stretch, asked ${asked} times; the approvals said ${promiseWords(outagesOf(api), read.steps)}`,
    );
  const unpromised = apis.flatMap(({ api, gaps }) =>
    unpromisedGaps(outagesOf(api), gaps, read.steps).map((words) => `${api}: ${words}`),
  );
  expect(
    'no API was down outside of the steps that the approvals had named for it',
    unpromised.length === 0,
    unpromised,
  );
}

const secondsOf = (gaps: readonly ApiGap[]): number =>
  Math.round(gaps.reduce((sum, { from, to }) => sum + to - from, 0) / 1000);

export const pingsPart: LabPart = {
  id: 'pings',
  title: 'Ports on all computes reach their router through Open vSwitch in userspace',
  from: 'fresh',
  play: pingsAll,
};

export const hopPart: LabPart = {
  id: 'hop',
  title: '2026.1 to 2026.2, from Slack, to the end, with each API asked four times a second',
  from: 'fresh',
  play: async (stage) => {
    const { lab, world, expect, note } = stage;
    await rememberServers(lab, survivors);
    // It is the last compute in turn: until then only what happens on net1 keeps answers from it.
    await pings(stage, 'cmp3');
    const packages = await packagesAndSources(lab);
    const apis = await watchApis(balancer, stage.say);
    const [begun, steps] = [Date.now(), [] as StepSeen[]];
    const run = await world.startRun('start lab 2026.2');
    const dumped = rowsAtDump(lab);
    const keeper = await openKeeper(stage, () => ({ run, packages, dumped: dumped.rows() }));
    const { card, approvals } = await driveOn(stage, run, {
      byHand: (text) => handOfPerson(lab, run, text),
      deadlineMs: 180 * 60_000,
      watch: async (text) => {
        const step = Number(/\bstep (\d+) of \d+/i.exec(text)?.[1] ?? 0);
        if (steps.at(-1)?.step !== step) steps.push({ at: Date.now(), step });
        await dumped.watch(text);
        await keeper.watch(text);
      },
    });
    const { frozen } = keeper;
    // What an approval says of APIs stands in the thread below it.
    const approved = await world.allText();
    noteDowntimes(stage, await apis.stop(frozen), { approvals: approved, steps });
    note('seconds in which all hosts were frozen, left out above', secondsOf(frozen));
    note('longest pause of pings from cmp3 through net1', `${await longestPause(lab, 'cmp3')} s`);
    note('seconds of the whole run', Math.round((Date.now() - begun) / 1000));
    note('of which its states were kept', Math.round(keeper.spentMs() / 1000));
    note('approvals', approvals);
    expect('the run went to its end', isCardOver(card), `${card}\n${await world.thread(run)}`);
    const majors = await foundMajors(lab);
    expect('every service is of 2026.2', areSameLists(majors, warmMajors('new')), majors);
    const heads = await foundHeads(lab);
    expect('every schema is at the head of 2026.2', areSameLists(heads, hibiscusHeads), heads);
    await serves(stage);
    await makesNew(stage);
    await pingsAll(stage);
    const failed = await warmFailedUnits(lab);
    expect('no unit of systemd has failed', failed.length === 0, failed);
  },
};
