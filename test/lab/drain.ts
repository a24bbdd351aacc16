import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { LabPart, PartStage } from './part.ts';
import {
  computesOf,
  secondUnit,
  serversOf,
  startSecondCompute,
  waitFor,
} from './second-compute.ts';
import { bootServer, deleteServer, openstackClient } from './truth.ts';
import { isCardOver, isCardStuck } from './upgrade.ts';
import type { DrivenRun } from './world.ts';

type Step = Readonly<Record<string, unknown>>;

const drain = (host: string, rest: Step): Step => ({
  id: 'drain',
  title: `Move servers off ${host}`,
  kind: 'compute-drain',
  on: 'ctl1',
  params: { host, openrc: '/root/openrc', timeout: 120, ...rest },
});

interface Ran extends DrivenRun {
  readonly run: string;
}

/** Runs steps until they are over or stuck. */
async function ran({ world }: PartStage, name: string, steps: readonly Step[]): Promise<Ran> {
  await world.addRunbook(name, { title: `Drill: ${name}`, steps });
  const run = await world.startRun(`run lab ${name}`);
  const driven = await world.drive(run, {
    until: (text, buttons) => isCardOver(text) || isCardStuck(text, buttons),
    deadlineMs: 5 * 60_000,
  });
  return { ...driven, run };
}

async function rolledBack(stage: PartStage, { run, message, card }: Ran): Promise<void> {
  await stage.world.press('ben', message, 'run.rollback');
  const back = await stage.world.drive(run, {
    until: (text, buttons) =>
      /^Rolled back/m.test(text) || (text !== card && isCardStuck(text, buttons)),
    deadlineMs: 5 * 60_000,
  });
  stage.expect('its rollback came to its end', /^Rolled back/m.test(back.card), back.card);
}

async function aborted({ world }: PartStage, { run, message }: Ran): Promise<void> {
  await world.press('ann', message, 'run.abort');
  await world.drive(run, { until: (text) => /^Aborted/m.test(text), deadlineMs: 120_000 });
}

/** How both computes and all servers have to be: `cmp1 enabled`, `cmp2 disabled (WHY)`, `vm1 ACTIVE cmp1`. */
async function looks(
  { lab, expect }: PartStage,
  what: string,
  wanted: readonly string[],
): Promise<void> {
  const computes = Object.entries(await computesOf(lab)).map(([host, { disabled }]) =>
    disabled === undefined ? `${host} enabled` : `${host} disabled (${disabled})`,
  );
  const found = [...computes.toSorted(), ...(await serversOf(lab))];
  expect(what, isDeepStrictEqual(found, wanted), found);
}

const set = async ({ lab }: PartStage, words: string, host: string): Promise<void> => {
  await openstackClient(
    lab,
    `--os-compute-api-version 2.11 compute service set ${words} ${host} nova-compute`,
  );
};

const broken = 'cmp2 disabled (broken disk)';
const reason = 'new release of nova';

/** Three servers on cmp1, one of each state that nova moves, and cmp2 taken out of use by somebody. */
async function prepare(stage: PartStage): Promise<void> {
  const { lab } = stage;
  // As Debian's package has it: beside each other, threads lose what computes answer, and nova waits a minute for it.
  await lab.sh(
    'ctl1',
    "sed -i 's/^threads *=.*/threads = 1/' /etc/nova/nova-api-uwsgi.ini; systemctl restart nova-api",
  );
  await startSecondCompute(lab);
  await set(stage, '--disable --disable-reason "broken disk"', 'cmp2');
  // The driver has its servers in memory alone: since the hosts were put back, it knows nothing of this one.
  await openstackClient(lab, 'server reboot --hard --wait vm1');
  for (const name of ['off', 'paused']) await bootServer(lab, name);
  await openstackClient(lab, 'server stop off');
  await openstackClient(lab, 'server pause paused');
  await waitFor('the servers to be off and paused', async () => {
    const found = (await serversOf(lab)).join();
    return found.includes('off SHUTOFF') && found.includes('paused PAUSED');
  });
}

async function nowhereToGo(stage: PartStage): Promise<void> {
  const { world, expect } = stage;
  const before = ['off SHUTOFF cmp1', 'paused PAUSED cmp1', 'vm1 ACTIVE cmp1'];
  await looks(stage, 'at the start all is on cmp1', ['cmp1 enabled', broken, ...before]);
  const stuck = await ran(stage, 'nowhere', [drain('cmp1', { mode: 'live', reason })]);
  const said = `${stuck.card}\n${await world.thread(stuck.run)}`;
  expect('with nowhere to go it is not green', !isCardOver(stuck.card), said);
  for (const words of [
    '3 servers are left on cmp1',
    'live-migration: Error: No valid host was found',
    'No other compute takes the servers of this host',
  ])
    expect(`it says: ${words}`, said.includes(words), said);
  await looks(stage, 'cmp1 is disabled as the step had come, and no server is lost', [
    `cmp1 disabled (Hopscotch: ${reason})`,
    broken,
    ...before,
  ]);
  await rolledBack(stage, stuck);
  await looks(stage, 'cmp1 is enabled again, cmp2 as somebody left it', [
    'cmp1 enabled',
    broken,
    ...before,
  ]);
}

async function thenLive(stage: PartStage): Promise<void> {
  const { lab, world, expect, note } = stage;
  const stuck = await ran(stage, 'live', [drain('cmp1', { mode: 'live', reason })]);
  expect('again it is not green', !isCardOver(stuck.card), stuck.card);
  await set(stage, '--enable', 'cmp2');
  const begun = Date.now();
  await world.press('ann', stuck.message, 'run.retry');
  const done = await world.drive(stuck.run, {
    until: (text, buttons) =>
      isCardOver(text) || (text !== stuck.card && isCardStuck(text, buttons)),
    deadlineMs: 5 * 60_000,
  });
  note('seconds to move three servers', Math.round((Date.now() - begun) / 1000));
  expect('with cmp2 in use, Retry drains cmp1', isCardOver(done.card), done.card);
  const there = ['off SHUTOFF cmp2', 'paused PAUSED cmp2', 'vm1 ACTIVE cmp2'];
  await looks(stage, 'cmp1 is disabled with the reason, and all are on cmp2 as they were', [
    `cmp1 disabled (Hopscotch: ${reason})`,
    'cmp2 enabled',
    ...there,
  ]);
  const moves = (
    await openstackClient(
      lab,
      '--os-compute-api-version 2.23 server migration list -f value -c Type -c Status',
    )
  ).split('\n');
  expect(
    'nova calls two of them live migrations, and one a migration',
    moves.filter((move) => /live-migration.*completed|completed.*live-migration/.test(move))
      .length === 2 && moves.some((move) => /confirmed/.test(move)),
    moves,
  );
  await bootServer(lab, 'fresh');
  expect(
    'a new server goes to cmp2',
    (await serversOf(lab)).includes('fresh ACTIVE cmp2'),
    await serversOf(lab),
  );
  await deleteServer(lab, 'fresh');
  await rolledBack(stage, { ...done, run: stuck.run });
  await looks(stage, 'cmp1 is enabled again, and who moved stays where it is', [
    'cmp1 enabled',
    'cmp2 enabled',
    ...there,
  ]);
}

async function aWholeTurn(stage: PartStage): Promise<void> {
  const { lab, expect } = stage;
  await openstackClient(lab, 'server unpause paused');
  const turn = await ran(stage, 'turn', [
    drain('cmp2', { mode: 'cold', reason }),
    {
      id: 'restart',
      title: 'Restart nova-compute',
      kind: 'service',
      on: 'ctl1',
      params: { name: secondUnit, state: 'restarted' },
    },
    { ...drain('cmp2', { state: 'enabled' }), id: 'enable', title: 'Enable nova-compute on cmp2' },
  ]);
  expect('cold, cmp2 is drained, restarted and enabled', isCardOver(turn.card), turn.card);
  const back = ['off SHUTOFF cmp1', 'paused ACTIVE cmp1', 'vm1 ACTIVE cmp1'];
  await looks(stage, 'all are on cmp1 as they were, and both computes enabled', [
    'cmp1 enabled',
    'cmp2 enabled',
    ...back,
  ]);
  await rolledBack(stage, turn);
  await looks(stage, 'it is so after the rollback of the whole turn', [
    'cmp1 enabled',
    'cmp2 enabled',
    ...back,
  ]);
}

async function skipped(stage: PartStage): Promise<void> {
  const { lab, world, expect } = stage;
  const there = ['off SHUTOFF cmp1', 'paused ACTIVE cmp1', 'vm1 ACTIVE cmp1'];
  const why = 'libvirt keeps them running';
  const skip = await ran(stage, 'skip', [drain('cmp1', { mode: 'skip', reason: why })]);
  expect('servers may stay, with a reason', isCardOver(skip.card), skip.card);
  const thread = await world.thread(skip.run);
  expect('the thread says which stay', /3 servers stay on cmp1: .*vm1/.test(thread), thread);
  await looks(stage, 'cmp1 is disabled with that reason, and they stay', [
    `cmp1 disabled (Hopscotch: ${why})`,
    'cmp2 enabled',
    ...there,
  ]);
  // Nova waits a minute for the compute to hear of it.
  await lab.exec('cmp1', 'systemctl', 'kill', '--signal=STOP', 'nova-compute');
  const waking = sleep(75_000).then(() =>
    lab.exec('cmp1', 'systemctl', 'kill', '--signal=CONT', 'nova-compute'),
  );
  await rolledBack(stage, skip);
  await waking;
  await looks(stage, 'cmp1 is enabled again, though its nova-compute did not hear of it', [
    'cmp1 enabled',
    'cmp2 enabled',
    ...there,
  ]);
  await set(stage, '--disable --disable-reason "not this one"', 'cmp2');
  await bootServer(lab, 'fresh');
  const servers = await serversOf(lab);
  expect('at once a new server goes to cmp1', servers.includes('fresh ACTIVE cmp1'), servers);
  await deleteServer(lab, 'fresh');
  await set(stage, '--enable', 'cmp2');
}

async function refused(stage: PartStage): Promise<void> {
  const { world, expect } = stage;
  const there = ['off SHUTOFF cmp1', 'paused ACTIVE cmp1', 'vm1 ACTIVE cmp1'];
  const unsaid = await stage.world
    .addRunbook('unsaid', { title: 'Drill: unsaid', steps: [drain('cmp1', { mode: 'skip' })] })
    .then(() => world.ask('run lab unsaid', 'is needed where servers stay'));
  expect('a skip without a reason begins nothing', /is needed where/.test(unsaid), unsaid);
  const strange = await ran(stage, 'strange', [drain('cmp9', { mode: 'live' })]);
  const said = `${strange.card}\n${await world.thread(strange.run)}`;
  expect(
    'a host that nova does not know is named, with those that it knows',
    said.includes('nova knows no nova-compute on cmp9; it knows cmp1, cmp2'),
    said,
  );
  await aborted(stage, strange);
  await set(stage, '--down', 'cmp1');
  const down = await ran(stage, 'down', [drain('cmp1', { mode: 'cold', timeout: 5 })]);
  const told = `${down.card}\n${await world.thread(down.run)}`;
  expect(
    'a compute that is down is not drained',
    told.includes('waits for nova-compute on cmp1 to be up'),
    told,
  );
  await aborted(stage, down);
  await set(stage, '--up', 'cmp1');
  await looks(stage, 'none of these changed anything', ['cmp1 enabled', 'cmp2 enabled', ...there]);
}

async function somebodyElses(stage: PartStage): Promise<void> {
  await set(stage, '--disable --disable-reason "loud fan"', 'cmp1');
  const away = await ran(stage, 'theirs', [drain('cmp1', { mode: 'live', reason })]);
  stage.expect('a host that somebody disabled is drained', isCardOver(away.card), away.card);
  await rolledBack(stage, away);
  await looks(stage, 'it stays disabled, as somebody left it', [
    'cmp1 disabled (loud fan)',
    'cmp2 enabled',
    'off SHUTOFF cmp2',
    'paused ACTIVE cmp2',
    'vm1 ACTIVE cmp2',
  ]);
}

export const drainPart: LabPart = {
  id: 'drain',
  title: 'A compute is drained live and cold, and enabled again; or it says why not',
  from: 'zed',
  play: async (stage) => {
    await prepare(stage);
    await nowhereToGo(stage);
    await thenLive(stage);
    await aWholeTurn(stage);
    await skipped(stage);
    await refused(stage);
    await somebodyElses(stage);
  },
};
