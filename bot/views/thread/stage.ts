import type { Button } from '@slack/types';
import type { ToldStage } from '../../../jobs/reading/told-stages.ts';
import { stepDeed } from '../../../jobs/reading/steps.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { type HostStep, type Run, attemptOf, hostStep, isPassed } from '../../../jobs/run/run.ts';
import { type Message, actionsBlocks, sectionBlock, withBlockIds } from '../blocks.ts';
import { outputValue } from '../output/output-modal.ts';
import { doesParts } from '../reading/does-line.ts';
import { lookActions } from '../reading/paged-modal.ts';
import {
  type DateStyle,
  durationBetween,
  fewNames,
  lastLinesAsCode,
  oneLineMrkdwn,
  timeText,
} from '../text.ts';
import { slowText } from '../card/slow-step.ts';
import { changeLines, moreOutput } from './step-output.ts';

/** Steps in a row, forward or back, and the message that tells how they go. */
export interface StageInThread {
  readonly key: string;
  readonly phase: Work['phase'];
  /** In the order of the run: last first where it goes back. */
  readonly steps: readonly { readonly id: string; readonly hosts: readonly string[] }[];
  /** What they do, counted. Escaped. */
  readonly does: string;
}

/** What the steps of a stage do, counted, or the title of its only one. Escaped. */
export const stageDoes = (stage: ToldStage): string =>
  stage.length === 1
    ? oneLineMrkdwn(stage[0]?.title ?? '', 150)
    : shortened(doesParts(stage.map((step) => ({ step, deed: stepDeed(step) })))).join('  ·  ');

/** What approvers weigh most stands first; the rest they have read. */
const shortened = (parts: readonly string[]): readonly string[] =>
  parts.length <= 5 ? parts : [...parts.slice(0, 4), `${parts.length - 4} more`];

interface StageWork extends Pick<Work, 'phase' | 'step' | 'host'> {
  readonly state: HostStep;
}

/** How a stage goes, or went: one line while there is little to say, and a button for what its steps printed. */
export function stageMessage(run: Run, stage: StageInThread, dates: DateStyle): Message {
  const works = worksOf(run, stage);
  const back = stage.phase === 'apply' ? '' : isDone(works) ? 'undone: ' : 'undoing: ';
  const first = `${markOf(works)} ${numbersOf(run, stage)}  ${back}${stage.does}${progressText(works)}`;
  const lines = [
    first,
    ...(isDone(works) ? [] : nowLines(run, stage, { works, dates })),
    notesLine(works),
    ...(stage.steps.length === 1 ? outputs(works) : []),
  ];
  return {
    text: first,
    blocks: withBlockIds(`${run.id}.thread.${stage.key}`, [
      sectionBlock(...lines),
      ...actionsBlocks(outputButton(run, works)),
    ]),
  };
}

/** Whether nothing of it changes any more as long as the run does not turn. */
export const isStageDone = (run: Run, stage: StageInThread): boolean => isDone(worksOf(run, stage));

const worksOf = (run: Run, { phase, steps }: StageInThread): StageWork[] =>
  steps.flatMap(({ id, hosts }) =>
    hosts.map((host) => {
      const work = { phase, step: id, host };
      return { ...work, state: hostStep(run, work) };
    }),
  );

const isDone = (works: readonly StageWork[]): boolean =>
  works.every(({ state }) => isPassed(state));

function markOf(works: readonly StageWork[]): string {
  const has = (...statuses: readonly HostStep['status'][]): boolean =>
    works.some(({ state }) => statuses.includes(state.status));
  if (has('unknown')) return '?';
  if (has('failed')) return '✗';
  if (has('stopped')) return '■';
  return isDone(works) ? '✓' : '▸';
}

/** `*25–43*`, as the card numbers them. */
function numbersOf({ plan }: Run, { steps }: StageInThread): string {
  const numbers = steps
    .map(({ id }) => plan.steps.findIndex((step) => step.id === id) + 1)
    .filter((number) => number > 0);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? `*${least}*` : `*${least}–${most}*`;
}

/** How much of it is done; once all is, how long that took. */
function progressText(works: readonly StageWork[]): string {
  const passed = works.filter(({ state }) => isPassed(state)).length;
  if (passed < works.length)
    return works.length === 1 ? '' : `  ·  ${passed} of ${works.length} done`;
  const hosts = [...new Set(works.map(({ host }) => host))];
  return `  ·  ${oneLineMrkdwn(fewNames(hosts))}${tookText(works)}`;
}

function tookText(works: readonly StageWork[]): string {
  const began = works.flatMap(({ state }) => state.startedAt ?? []).toSorted()[0];
  const ended = works
    .flatMap(({ state }) => state.finishedAt ?? [])
    .toSorted()
    .at(-1);
  return began === undefined || ended === undefined ? '' : `  ·  ${durationBetween(began, ended)}`;
}

interface Progress {
  readonly works: readonly StageWork[];
  readonly dates: DateStyle;
}

/** What runs now, by step, and how far each service is where there are several. */
function nowLines(run: Run, stage: StageInThread, { works, dates }: Progress): string[] {
  const running = works.filter(
    ({ state }) => state.status === 'running' || state.status === 'asked',
  );
  const steps = [...new Set(running.map(({ step }) => step))];
  const shown = steps.slice(0, 3).map((id) => {
    const own = running.filter(({ step }) => step === id);
    const since = own.map(({ state }) => state.startedAt ?? run.at).toSorted()[0] ?? run.at;
    const title = run.plan.steps.find((step) => step.id === id)?.title ?? id;
    const hosts = fewNames(own.map(({ host }) => host));
    return `Now  ${oneLineMrkdwn(title, 150)} on ${oneLineMrkdwn(hosts)} since ${timeText(since, dates)}${slowText(own.map(({ state }) => state))}`;
  });
  return [...shown, ...servicesLine(run, stage, works)];
}

function servicesLine(run: Run, { steps }: StageInThread, works: readonly StageWork[]): string[] {
  const serviceOf = new Map(run.plan.steps.map(({ id, service }) => [id, service]));
  const services = [...new Set(steps.flatMap(({ id }) => serviceOf.get(id) ?? []))];
  if (services.length < 2) return [];
  const parts = services.map((service) => {
    const own = works.filter(({ step }) => serviceOf.get(step) === service);
    const passed = own.filter(({ state }) => isPassed(state)).length;
    return `${oneLineMrkdwn(service)} ${passed === own.length ? '✓' : `${passed} of ${own.length}`}`;
  });
  return [parts.join('  ·  ')];
}

function notesLine(works: readonly StageWork[]): string | undefined {
  const count = (is: (state: HostStep) => boolean): number =>
    works.filter(({ state }) => is(state)).length;
  const [unchanged, skipped, again] = [
    count(({ status }) => status === 'unchanged'),
    count(({ status }) => status === 'skipped'),
    count((state) => attemptOf(state) > 1 && isPassed(state)),
  ];
  const [first] = works;
  const nothing = first?.phase === 'undo' ? 'had nothing to put back' : 'were as they should be';
  const parts = [
    ...(unchanged === 0
      ? []
      : works.length === 1
        ? [first?.phase === 'undo' ? 'nothing to put back' : 'unchanged, it was done already']
        : [`${unchanged} of ${works.length} ${nothing}`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ...(again === 0 ? [] : [`${again} took another attempt`]),
  ];
  return parts.length === 0 ? undefined : parts.join('  ·  ');
}

/** Of a stage that is one step: what it changed and printed last, on the first hosts. */
function outputs(works: readonly StageWork[]): (string | undefined)[] {
  const shown = works.filter(({ state }) => state.status === 'succeeded').slice(0, 2);
  return shown.flatMap(({ host, state }) => {
    const lines = [
      changeLines(state.changes),
      lastLinesAsCode(state.tail ?? '', { lines: 6, max: 1000 }) || undefined,
      moreOutput(state),
    ].filter((line) => line !== undefined);
    const whose = works.length === 1 || lines.length === 0 ? [] : [`${oneLineMrkdwn(host)}:`];
    return [...whose, ...lines];
  });
}

function outputButton(run: Run, works: readonly StageWork[]): Button[] {
  const work =
    works.findLast(({ state }) => state.status === 'running') ??
    works.findLast(({ state }) => state.began);
  if (work === undefined) return [];
  const { step, host } = work;
  return [
    {
      type: 'button',
      action_id: lookActions.output,
      text: { type: 'plain_text', text: 'Output', emoji: false },
      value: JSON.stringify(outputValue(run, { phase: work.phase, step, host, query: '' })),
    },
  ];
}
