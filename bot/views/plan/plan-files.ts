import type { Command } from '../../../handlers/contract/command.ts';
import { stepDeed } from '../../../jobs/reading/steps.ts';
import { type Plan, type PlanStep, canonicalJson, planHash } from '../../../jobs/run/plan.ts';
import type { TextFile } from '../blocks.ts';
import { briefCommandLine, standardInputs, longScripts, okExitsLine, sha256 } from './commands.ts';
import { countText, makeVisible } from '../text.ts';
import { approvalParts } from './upgrade-plan.ts';

/** A plan as Markdown and as JSON, for reading elsewhere. The same plan gives the same bytes. */
export const planFiles = (plan: Plan): TextFile[] => {
  const name = `plan-${plan.cloud}-${planHash(plan).slice(0, 6)}`;
  return [
    { name: `${name}.md`, title: `${plan.title}, for reading`, content: planMarkdown(plan) },
    { name: `${name}.json`, title: `${plan.title}, for programs`, content: planJson(plan) },
  ];
};

/** Everything that would run and where. What goes to standard input has its secrets masked; its fingerprint is of all of it. */
export function planMarkdown(plan: Plan): string {
  const { title, cloud, environment, runbook } = plan;
  return [
    `# ${title}`,
    '',
    `Cloud ${cloud} (${environment}), ${runbook}, plan ${planHash(plan)}.`,
    ...approvalParts(plan).flatMap(({ steps, from, needed }, index) => [
      '',
      `## Part ${index + 1}: ${needed === 0 ? 'no approval' : countText(needed, 'approval')}`,
      ...notes(steps[0]),
      ...steps.flatMap((step, offset) => stepText(step, from + offset)),
    ]),
    ...inputText(plan.steps),
    ...scriptText(plan.steps),
    '',
  ].join('\n');
}

/** The exact words of steps in a row: each step with its commands, then each input and each script once. */
export const exactWords = (steps: readonly PlanStep[], from: number): string =>
  [
    ...steps.flatMap((step, offset) => stepText(step, from + offset)),
    ...inputText(steps),
    ...scriptText(steps),
    '',
  ].join('\n');

const notes = (step: PlanStep | undefined): string[] =>
  step?.notes === undefined ? [] : ['', ...step.notes.map((note) => `- ${note}`)];

function stepText(step: PlanStep, number: number): string[] {
  const { title, id, kind, hosts, batch, maxFailures, exit, restoredBy, apply } = step;
  const how = [
    `\`${id}\``,
    kind,
    `on ${hosts.join(', ')}`,
    ...(batch < hosts.length ? [`${batch} at a time`] : []),
    ...(maxFailures > 0 ? [`goes on with up to ${maxFailures} failed`] : []),
    exit === 'restorable' && restoredBy === 'hosts' ? OF_HOSTS : EXITS[exit],
  ];
  return [
    '',
    `### ${number}. ${title}`,
    '',
    how.join(' · '),
    '',
    ...(apply.length === 0 ? [withoutCommands(step)] : apply.flatMap(commandText)),
    ...detailText(step),
  ];
}

function withoutCommands({ doer, asks, undoByPerson = '' }: PlanStep): string {
  if (doer === 'host') return 'It runs nothing that changes the host.';
  const back = undoByPerson === '' ? '' : `\n\nTo take it back: ${undoByPerson}`;
  return `A person does it${asks === undefined ? '.' : `: ${asks.instructions}`}${back}`;
}

function detailText(step: PlanStep): string[] {
  const { details = [] } = stepDeed(step);
  return details.length === 0
    ? []
    : ['', ...details.flatMap((line) => indented(makeVisible(line)))];
}

const EXITS: Readonly<Record<PlanStep['exit'], string>> = {
  reversible: 'reversible',
  restorable: 'restorable from the backup',
  oneWay: 'one-way',
};
const OF_HOSTS = 'a person restores the whole host from its snapshot';

const commandText = ({ words, stdin, okExits }: Command): string[] => [
  ...indented(briefCommandLine(words)),
  ...(okExits === undefined ? [] : [`    # ${okExitsLine(okExits)}`]),
  ...(stdin === undefined
    ? []
    : [`    # standard input: ${Buffer.byteLength(stdin)} bytes, sha256 ${sha256(stdin)}`]),
];

/** What goes to standard input, each once, under the beginning of its fingerprint. */
function inputText(steps: readonly PlanStep[]): string[] {
  const all = standardInputs(steps);
  if (all.length === 0) return [];
  const texts = all.map(({ name, text }) => ['', `### Input ${name}`, '', ...indented(seen(text))]);
  return ['', '## What goes to standard input, with its secrets masked', ...texts.flat()];
}

/** What would hide or reorder the rest is named. */
const seen = (text: string): string =>
  text.replace(/\n$/, '').split('\t').map(makeVisible).join('\t');

/** What ⟨script …⟩ stands for in the commands, each once. */
function scriptText(steps: readonly PlanStep[]): string[] {
  const all = longScripts(steps);
  if (all.length === 0) return [];
  const texts = all.map(({ name, script }) => ['', `### Script ${name}`, '', ...indented(script)]);
  return ['', '## The scripts in these commands, whole', ...texts.flat()];
}

const indented = (text: string): string[] => text.split('\n').map((line) => `    ${line}`);

export function planJson(plan: Plan): string {
  const { title, cloud, environment, runbook, steps } = plan;
  const whole = {
    title,
    cloud,
    environment,
    runbook,
    planHash: planHash(plan),
    steps: steps.map(({ params: _params, apply, ...step }) => ({
      ...step,
      commands: apply.map(({ stdin, secret: _secret, ...command }) => ({
        ...command,
        ...(stdin !== undefined && {
          stdin: { bytes: Buffer.byteLength(stdin), sha256: sha256(stdin) },
        }),
      })),
    })),
  };
  return `${canonicalJson(whole, 2)}\n`;
}
