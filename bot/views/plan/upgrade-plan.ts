import { capital } from '../../../handlers/words/letters.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import type { Inspection } from '../../../openstack/inspect/inspection.ts';
import { type Plan, type PlanStep, planHash } from '../../../jobs/run/plan.ts';
import type { PlannedRunbook } from '../../../openstack/plan/planner.ts';
import type { UpgradeIntent } from '../../commands/index.ts';
import { upgradeLine } from '../../commands/clouds/upgrade-subcommand.ts';
import {
  type Message,
  sectionsByMessage,
  headerBlock,
  textMessage,
  sectionBlocks,
} from '../blocks.ts';
import type { KnownCloud } from '../reading/plan-summary.ts';
import { wholePlanLines } from './plan-reading.ts';
import { stepNoteLines, scriptLines, stepLines } from './commands.ts';
import { errorAnswer } from '../answers.ts';
import { hostsOfSteps } from '../card/situation.ts';
import { inlineCode, countText, fewNames, mention, oneLineMrkdwn } from '../text.ts';

interface Planned {
  readonly plan: Plan;
  readonly runbook: Pick<PlannedRunbook, 'overview'>;
  readonly found: Pick<Inspection, 'silent'>;
  /** Absent: nothing is said of what users feel. */
  readonly known?: KnownCloud;
}

/** The plan of a runbook that somebody wrote: nobody looked at hosts for it. */
export const plannedRunbook = (plan: Plan) => ({
  plan,
  runbook: { overview: [] },
  found: { silent: [] },
});

/** Above the exact words of a plan, where Slack took no files. */
export const wordsHead = (plan: Plan, why: string): Message =>
  textMessage(
    `Slack took no files (${oneLineMrkdwn(why, 200)}): every command of plan ${mark(plan)} is in this thread`,
  );

export const inspectingAnswer = ({ name, hosts }: Pick<Cloud, 'name' | 'hosts'>): Message =>
  textMessage(
    `Inspecting the ${countText(Object.keys(hosts).length, 'host')} of ${oneLineMrkdwn(name)}…`,
  );

/** The plan on one screen: the upgrade path, and what each approval lets happen. */
export const upgradeHead = (planned: Planned, by: string): Message => {
  const { plan } = planned;
  return {
    text: `Plan: ${oneLineMrkdwn(plan.title, 200)}`,
    blocks: [
      headerBlock(`Plan: ${plan.title}`),
      ...sectionBlocks([
        ...overview(planned),
        `${mention(by)} asked for it; what it does is in the thread, with every command on every host in files  ·  plan ${mark(plan)}`,
      ]).slice(0, 4),
    ],
  };
};

/** Every command on every host, in the order in which they would run, then every script in them, once. */
export function upgradeDetails(plan: Plan): Message[] {
  const lines = approvalParts(plan).flatMap(({ steps, from, needed }, index) => [
    `*Part ${index + 1}*: ${needed === 0 ? 'needs no approval' : `after ${countText(needed, 'approval')}`}`,
    ...steps.slice(0, 1).flatMap(stepNoteLines),
    ...steps.flatMap((step, offset) => ['', ...stepLines(step, from + offset, { isBrief: true })]),
    '',
  ]);
  const scripts = scriptLines(plan.steps);
  const parts = sectionBlocks([
    ...lines,
    ...(scripts.length === 0 ? [] : ['*The scripts in these commands, whole*', ...scripts]),
  ]);
  return sectionsByMessage(parts).map((blocks) => ({
    text: `Plan ${oneLineMrkdwn(plan.title, 200)}, all commands`,
    blocks,
  }));
}

interface More {
  /** What starts it: `start CLOUD RELEASE`. */
  readonly starts: string;
  readonly filesRefused?: string | undefined;
}

/** What whoever asked is told in private. */
export function plannedAnswer(planned: Planned, { starts, filesRefused }: More): Message {
  const { plan } = planned;
  const blocks = sectionBlocks([
    `*${oneLineMrkdwn(plan.title)}*  ·  plan ${mark(plan)}`,
    ...overview(planned),
    `All of it, word for word, is in <#${plan.channel.replaceAll(/[^A-Z0-9]/g, '')}>${filesRefused === undefined ? ', also as files' : `; Slack did not take the files: ${oneLineMrkdwn(filesRefused, 200)}`}.`,
    `*Next*  ${inlineCode(`/upgrade ${starts}`)}  ·  nothing was changed`,
  ]).slice(0, 4);
  return { text: `Planned: ${oneLineMrkdwn(plan.title, 200)}`, blocks };
}

/** Why a start on a production cloud was refused, and what to type instead. */
export function notRehearsedAnswer(
  { message }: { readonly message: string },
  intent: UpgradeIntent,
): Message {
  const { cloud } = intent;
  const words = upgradeLine(intent);
  return errorAnswer({
    message,
    hint: [
      `On a verification cloud type the first line, let it end, then roll it back. The second line goes without, with a reason and the most approvals that ${cloud} asks for.`,
      `/upgrade start CLOUD ${words}`,
      `/upgrade start ${cloud} ${words} unrehearsed REASON`,
    ].join('\n'),
  });
}

function overview({ plan, runbook, found, known }: Planned): string[] {
  const { steps } = plan;
  const parts = approvalParts(plan);
  return [
    ...runbook.overview.map((line) => oneLineMrkdwn(line, 600)),
    ...found.silent.map(
      ({ host }) =>
        `✗ *No answer from ${oneLineMrkdwn(host)}*: planned without it; the upgrade will not start until it answers`,
    ),
    `*Steps*  ${countText(steps.length, 'step')} on ${countText(Object.keys(plan.targets).length, 'host')}, in ${countText(parts.length, 'part')}`,
    ...parts.slice(0, MOST_PARTS).map(partLine),
    ...(parts.length > MOST_PARTS ? [`… and ${parts.length - MOST_PARTS} more`] : []),
    ...(known === undefined ? [] : wholePlanLines(plan, known)),
    `*Rollback*  ${wayOutOf(steps)}`,
  ];
}

function wayOutOf(steps: readonly PlanStep[]): string {
  const oneWay = steps.filter(({ exit }) => exit === 'oneWay');
  const restorable = steps.filter(({ exit }) => exit === 'restorable');
  const ofHosts = restorable.filter(({ restoredBy }) => restoredBy === 'hosts');
  return [
    oneWay.length > 0
      ? `one-way: ${oneLineMrkdwn(fewNames(oneWay.map(({ title }) => title)), 600)}`
      : `every step can be undone${restorable.length > ofHosts.length ? ', or restored from the backup made before it' : ''}`,
    ...(ofHosts.length > 0
      ? [
          `*a person restores whole hosts from snapshots:* ${oneLineMrkdwn(fewNames(hostsOfSteps(ofHosts)))}`,
        ]
      : []),
  ].join('; ');
}

const MOST_PARTS = 12;

function partLine({ steps, from, needed }: Part): string {
  const known = steps[0]?.notes?.length ?? 0;
  return [
    `${steps.length === 1 ? from : `${from}–${from + steps.length - 1}`}  ${oneLineMrkdwn(nameOf(steps), 120)}`,
    needed === 0 ? 'no approval' : countText(needed, 'approval'),
    ...(known === 0 ? [] : [`${countText(known, 'thing')} to know`]),
  ].join('  ·  ');
}

/** The releases that its hops lead to, else the first step. */
function nameOf(steps: readonly PlanStep[]): string {
  const releases = new Set(steps.flatMap(({ hop }) => (hop === undefined ? [] : [hop.to])));
  return (
    fewNames([...releases].map(capital)) ||
    `${steps[0]?.title ?? ''}${steps.length > 1 ? ' …' : ''}`
  );
}

interface Part {
  readonly steps: readonly PlanStep[];
  /** Number of its first step, from 1. */
  readonly from: number;
  readonly needed: number;
}

/** What runs after one approval, up to the next. */
export function approvalParts({ steps }: Pick<Plan, 'steps'>): Part[] {
  const starts = steps.flatMap(({ gate }, index) =>
    index === 0 || gate !== undefined ? [index] : [],
  );
  return starts.map((start, index) => ({
    steps: steps.slice(start, starts[index + 1]),
    from: start + 1,
    needed: steps[start]?.gate ?? 0,
  }));
}

const mark = (plan: Plan): string => inlineCode(planHash(plan).slice(0, 6));
