import { expectHolds, expectIs, expectSame, expectSays, snapshotSize } from './expectations.ts';
import {
  cardOfRun,
  endedThread,
  openApproval,
  privateAnswer,
  runOfMessage,
  type StageSeen,
  stagesInThread,
} from '../slack/find.ts';
import type { PretendHosts } from '../hosts/hosts.ts';
import { pretendPeople } from '../slack/people.ts';
import { buttonsOfMessage, readMessage } from '../slack/reading.ts';
import { approveUntil, typeRunStart } from './runs.ts';
import { hostsDifferences, takeHostsSnapshot, type HostsSnapshot } from '../hosts/snapshot.ts';
import type { WorkspaceMessage } from '../slack/slack.ts';
import type { StoryStage } from './stage.ts';

const { ann, ben, chie, dan } = pretendPeople;

interface Scene {
  readonly stage: StoryStage;
  readonly hosts: PretendHosts;
}

/** The whole story: a bad day with its rollback, a good day, and a second try that works once the cause is gone. */
export async function playScenario(hosts: PretendHosts, stage: StoryStage): Promise<void> {
  const scene = { stage, hosts };
  stage.part('What can be typed');
  await stage.type(ann, 'help');
  const help = await stage.until('the help', privateAnswer(ann.id, 'What you can type'));
  expectSays(stage, 'help names run, approve and rollback', help, [
    '/upgrade run CLOUD RUNBOOK',
    '/upgrade approve RUN',
    '/upgrade rollback RUN',
  ]);
  const before = await takeHostsSnapshot(hosts);
  stage.tell(`\nThe six hosts as they are: ${snapshotSize(before)}`);

  const approval = await askAndRefuse(scene, before);
  const failed = await approveAndFail(scene, approval);
  await rollBack(scene, failed, before);
  await pressAgain(scene, approval);
  await succeed(scene);
  await repairAndRetry(scene);
}

/** Its shortest part: a run that is approved and succeeds. */
export const playGoodDay = (hosts: PretendHosts, stage: StoryStage): Promise<void> =>
  succeed({ stage, hosts });

/** ann starts the broken runbook; neither she nor dan can approve it. */
async function askAndRefuse(
  { stage, hosts }: Scene,
  before: HostsSnapshot,
): Promise<WorkspaceMessage> {
  stage.part('A run asks first');
  const run = await typeRunStart(stage, 'run sandbox broken');
  const approval = await stage.until('the request for approval', openApproval(run));
  expectSays(
    stage,
    'the approval says what is done, how it is left, and where its words are',
    approval,
    [
      'packages on 4 hosts',
      'every step can be undone',
      'every command on every host is in the file in the thread',
    ],
  );
  expectHolds(stage, 'that file has the exact commands, files and hosts', await stage.uploads(), [
    'on ctl1, ctl2, cmp1, cmp2',
    '/etc/apt/sources.list.d/proposed.list',
    'deb [trusted=yes] file:/srv/mirror/proposed ./',
    '/etc/init.d/haproxy stop',
    'install --allow-downgrades keystone=2025.1-2',
    'debug = true',
    'install --allow-downgrades nova-compute=2025.1-2',
  ]);

  await stage.press(ann, approval, 'run.approve');
  const own = await stage.until('an answer to ann', privateAnswer(ann.id, 'Nothing was done'));
  expectSays(stage, "ann's own approval is refused, and she is told why", own, [
    'whoever starts a run does not approve it',
  ]);
  await stage.press(dan, approval, 'run.approve');
  const stranger = await stage.until('an answer to dan', privateAnswer(dan.id, 'Nothing was done'));
  expectSays(stage, 'dan, who has no rights, is refused and told who has', stranger, [
    'only approvers of sandbox can approve or reject',
    '@ben',
    '@chie',
  ]);
  expectSame(
    stage,
    'nothing has changed on any host so far',
    before,
    await takeHostsSnapshot(hosts),
  );
  return approval;
}

/** ben approves; it fails on the first of two compute hosts, and the second is left alone. */
async function approveAndFail(
  { stage, hosts }: Scene,
  approval: WorkspaceMessage,
): Promise<WorkspaceMessage> {
  stage.part('Approved, under way, failed at step 6');
  const run = runOfMessage(approval);
  await stage.press(ben, approval, 'run.approve');
  const shown = new Set<string>();
  const card = await stage.until('the failure', (messages) => {
    const now = cardOfRun(messages, run);
    for (const line of now === undefined ? [] : readMessage(now)) shown.add(line);
    return now !== undefined && buttonsOfMessage(now).includes('run.retry') ? now : undefined;
  });
  const decided = await stage.until('the decided approval', (messages) =>
    messages.find(({ ts, text }) => ts === approval.ts && text.startsWith('Approved')),
  );
  expectSays(stage, 'the approval says who gave it', decided, ['by @ben']);
  stage.expect('and has no buttons any more', buttonsOfMessage(decided).length === 0);
  const moved = [...shown].filter((line) =>
    line.startsWith('Now  Let open connections end on lb1'),
  );
  stage.expect('the card showed progress on the way', moved.length > 0, [...shown].join('\n'));
  expectSays(stage, 'the card names host, cause, command and exit code', card, [
    'Failed: Upgrade nova-compute, on cmp1',
    'exit 100',
    'apt-get',
  ]);
  const first = readMessage(card).findIndex((line) => line.includes('compute_id: no such file'));
  stage.expect('the cause is in the second line below the title', first === 2, String(first));
  const offered = buttonsOfMessage(card);
  stage.expect(
    'it offers Retry, Roll back, Output and More',
    offered.join() === 'run.retry,run.rollback,look.output,look.more',
    offered.join(' '),
  );
  const now = await takeHostsSnapshot(hosts);
  expectIs(stage, 'cmp1 is half upgraded', now, { 'cmp1 package nova-compute': '2025.1-2 iF' });
  expectIs(stage, 'cmp2 has not been touched', now, { 'cmp2 package nova-compute': '2024.1-1 ii' });
  return card;
}

async function rollBack(
  { stage, hosts }: Scene,
  card: WorkspaceMessage,
  before: HostsSnapshot,
): Promise<void> {
  stage.part('Rolled back');
  const run = runOfMessage(card);
  await stage.type(ben, `rollback ${run} because /etc/nova/compute_id is missing`);
  const asked = await stage.until('the price, and who confirms it', (messages) => {
    const now = cardOfRun(messages, run);
    return now !== undefined && buttonsOfMessage(now).includes('run.confirm') ? now : undefined;
  });
  expectSays(stage, 'packages have moved, so a second person confirms', asked, [
    '@ben wants to roll back',
    'nothing that was written is lost',
    'A second person confirms',
  ]);
  await stage.press(chie, asked, 'run.confirm');
  const thread = await stage.until('the end of the rollback', endedThread(run, 'rolled back'));
  const back = await stage.until('the card of a rolled back run', (messages) => {
    const now = cardOfRun(messages, run);
    return now !== undefined && readMessage(now).some((line) => line.startsWith('Rolled back'))
      ? now
      : undefined;
  });
  expectSays(stage, 'the card says that the run is undone', back, ['the run is undone']);
  const stages = stagesInThread(thread);
  const [done, undone] = [false, true].map((isBack) =>
    stages.filter((seen) => seen.isBack === isBack).flatMap(numbersOfStage),
  );
  stage.expect(
    `each of the ${done?.length} steps was said to be undone`,
    done !== undefined &&
      done.length > 0 &&
      done.join() === undone?.toSorted((a, b) => a - b).join(),
    stages.map(({ line }) => line).join('\n'),
  );
  const backwards = stages.filter(({ isBack }) => isBack).map(({ from }) => from);
  stage.expect(
    'in reverse order, last step first',
    backwards.join() === backwards.toSorted((a, b) => b - a).join(),
    backwards.join(),
  );
  const after = await takeHostsSnapshot(hosts);
  stage.tell(`\nThe six hosts as they are: ${snapshotSize(after)}`);
  expectSame(stage, 'every package, file and service is as it was before', before, after);
}

const numbersOfStage = ({ from, to }: StageSeen): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function pressAgain({ stage }: Scene, approval: WorkspaceMessage): Promise<void> {
  stage.part('A press that comes too late');
  await stage.press(ben, approval, 'run.approve');
  const answer = await stage.until('an answer to ben', privateAnswer(ben.id, 'Nothing was done'));
  expectSays(stage, 'the old Approve button is answered, and does nothing', answer, [
    'Nothing was done',
  ]);
}

async function succeed({ stage, hosts }: Scene): Promise<void> {
  stage.part('A good day');
  const before = await takeHostsSnapshot(hosts);
  const run = await typeRunStart(stage, 'run sandbox keystone-2025-1');
  const thread = await approveUntil(stage, run, endedThread(run, 'succeeded'));
  const lines = thread.flatMap(readMessage);
  const upgraded = stagesInThread(thread).filter(({ line }) => line.includes('Upgrade keystone'));
  stage.expect(
    'keystone was upgraded on both hosts, and one message of the thread says so',
    upgraded.length === 1 && upgraded[0]?.line.includes('ctl1, ctl2') === true,
    upgraded.map(({ line }) => line).join('\n'),
  );
  stage.expect(
    'the thread shows what changed in the configuration',
    lines.includes('`+greeting = hello from 2025.1`'),
  );
  const now = await takeHostsSnapshot(hosts);
  for (const host of ['ctl1', 'ctl2']) {
    expectIs(stage, `${host} has the new keystone, and it runs`, now, {
      [`${host} package keystone`]: '2025.1-1 ii',
      [`${host} service keystone`]: 'running',
    });
    const { stdout } = await hosts.exec(host, 'curl --silent http://self:5000/');
    stage.expect(
      `keystone of ${host} answers with its new words`,
      /hello from 2025.1/.test(stdout),
      stdout,
    );
  }
  const elsewhere = hostsDifferences(before, now).filter((line) => !/^ctl[12] /.test(line));
  stage.expect('no other host has changed', elsewhere.length === 0, elsewhere.join('\n'));
  await stage.type(ann, 'status');
  const status = await stage.until('the status', privateAnswer(ann.id, '/upgrade status'));
  expectSays(stage, 'the run has ended, says /upgrade status', status, ['succeeded']);
}

/** The lock of the cloud is free, or this run would not start. */
async function repairAndRetry({ stage, hosts }: Scene): Promise<void> {
  stage.part('The broken one again, with its cause repaired');
  const run = await typeRunStart(stage, 'run sandbox broken');
  const card = await approveUntil(stage, run, (messages) => {
    const now = cardOfRun(messages, run);
    return now !== undefined && buttonsOfMessage(now).includes('run.retry') ? now : undefined;
  });
  stage.expect('the cloud was free for another run, which fails where the first did', true);
  stage.tell('\nann logs in on cmp1 and cmp2 and makes /etc/nova/compute_id');
  for (const host of ['cmp1', 'cmp2']) {
    await hosts.exec(host, 'cat /proc/sys/kernel/random/uuid >/etc/nova/compute_id');
  }
  await stage.press(ann, card, 'run.retry');
  const end = await stage.until('the end of the run', (messages) => {
    const now = cardOfRun(messages, run);
    return now !== undefined && readMessage(now).some((line) => line.startsWith('Succeeded'))
      ? now
      : undefined;
  });
  expectSays(stage, 'after Retry the run goes on to its end', end, ['1 retry']);
  expectIs(stage, 'the compute hosts have the new packages', await takeHostsSnapshot(hosts), {
    'cmp1 package nova-compute': '2025.1-2 ii',
    'cmp2 package nova-compute': '2025.1-2 ii',
    'lb1 service haproxy': 'running',
  });
}
