import { expectSays } from './expectations.ts';
import { cardOfRun, endedThread, runOfMessage, stagesInThread } from '../slack/find.ts';
import {
  backendState,
  instanceLines,
  isPackageOf,
  installedOpenstack,
  schemaLines,
  pageStatus,
  dashboardStyleSheets,
  unmovedFlavors,
} from '../juno/outcome.ts';
import type { JunoLab } from '../juno/start.ts';
import { buttonsOfMessage, messagePlace, readMessage } from '../slack/reading.ts';
import { approveUntil, typeRunStart } from './runs.ts';
import type { WorkspaceMessage } from '../slack/slack.ts';
import type { StoryStage } from './stage.ts';

/** Juno to Kilo to Liberty, started in Slack, and then what the cloud itself says. */
export async function playUpgradePath(juno: JunoLab, stage: StoryStage): Promise<void> {
  stage.part('From Juno to Liberty, through Kilo: some minutes', 4);
  const instances = await instanceLines(juno);
  await expectSchemas(juno, stage, 'Juno', junoHeads);
  const flavors = await unmovedFlavors(juno);
  stage.expect(`${flavors} instances have a flavor that Kilo has to move`, flavors > 0);

  const run = await typeRunStart(stage, 'start juno-lab liberty');
  const card = await approveUntil(stage, run, (messages) => {
    const now = cardOfRun(messages, run);
    if (now === undefined) return undefined;
    const isOver = readMessage(now).some((line) => line.startsWith('Succeeded'));
    return isOver || buttonsOfMessage(now).includes('run.retry') ? now : undefined;
  });
  expectSays(stage, 'the run went to its end without a retry or a skip', card, [
    'Succeeded',
    '0 retries',
    '0 skips',
  ]);
  const thread = await stage.until('the end of the thread', endedThread(run, 'succeeded'));
  const approvals = await stage.until('the approvals', (messages) =>
    messages.filter(
      (each) => messagePlace(each).place === 'approval' && runOfMessage(each) === run,
    ),
  );
  stage.expect(
    'each of the two hops was asked for, and approved by @ben',
    approvals.length === 2 &&
      approvals.every((each) => each.text.startsWith('Approved') && said(each).includes('@ben')),
    approvals.map(said).join('\n'),
  );
  const syncs = stagesInThread(thread).filter(({ line }) => line.includes('4 schema syncs'));
  stage.expect(
    "the schemas were brought to Kilo first, then to Liberty, and the thread's stages say so",
    syncs.length === 2 && (syncs[0]?.to ?? 0) < (syncs[1]?.from ?? 0),
    syncs.map(({ line }) => line).join('\n'),
  );
  const posts = await stage.until('the posts of the run', (messages) => {
    const own = messages.filter(
      (each) => each.ephemeral_to === undefined && runOfMessage(each) === run,
    );
    return own.length > 0 ? own : undefined;
  });
  stage.expect(`the whole run is ${posts.length} posts: at most 30`, posts.length <= 30);
  await lookAround(juno, stage, instances);
}

const said = (message: WorkspaceMessage): string => readMessage(message).join('\n');

async function lookAround(
  juno: JunoLab,
  stage: StoryStage,
  before: readonly string[],
): Promise<void> {
  stage.part('What the cloud itself says');
  await expectSchemas(juno, stage, 'Liberty', libertyHeads);
  const flavors = await unmovedFlavors(juno);
  stage.expect('no instance has its flavor where Juno kept it', flavors === 0, String(flavors));
  const after = await instanceLines(juno);
  stage.expect(
    `all ${before.length} instances are there, in the state they were in`,
    before.length > 0 && after.join('\n') === before.join('\n'),
    after.join('\n'),
  );

  const state = await backendState(juno, 'keystone_public');
  stage.expect("HAProxy's keystone_public is UP", state === 'UP', state);
  const answer = await pageStatus(juno, 'http://lb1:5000/v3');
  stage.expect('keystone answers through it, on port 5000', answer === '200', answer);

  const packages = await installedOpenstack(juno);
  const strays = packages.filter((each) => !isPackageOf('liberty', each));
  stage.expect(
    `all ${packages.length} OpenStack packages of ${new Set(packages.map(({ host }) => host)).size} hosts are Liberty's`,
    packages.length > 0 && strays.length === 0,
    strays.map(({ host, name, version }) => `${host} ${name} ${version}`).join('\n'),
  );

  const sheets = await dashboardStyleSheets(juno);
  const statuses = await Promise.all(sheets.map((sheet) => pageStatus(juno, sheet)));
  stage.expect(
    "the dashboard's style sheets load",
    statuses.length > 0 && statuses.every((status) => status === '200'),
    sheets.map((sheet, i) => `${sheet}: ${statuses[i]}`).join('\n'),
  );
}

const junoHeads = ['keystone 55', 'glance 36', 'nova 254', 'neutron juno'];
const libertyHeads = [
  'keystone 75',
  'glance 42',
  'nova 302',
  'neutron 34af2b5c5a59',
  'neutron 4af11ca47297',
];

async function expectSchemas(
  juno: JunoLab,
  stage: StoryStage,
  release: string,
  heads: readonly string[],
): Promise<void> {
  const found = await schemaLines(juno);
  stage.expect(
    `every schema is at the head of ${release}: ${heads.join(', ')}`,
    found.join() === heads.join(),
    found.join(', '),
  );
}
