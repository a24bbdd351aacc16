// What a step printed, in a window: page by page, searched, with the line that says why, and going on while the step runs.
import type { ActionsBlock, Button, InputBlock, ModalView } from '@slack/types';
import { sizeText } from '../../../jobs/files/sizes.ts';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { type HostStep, type Run, attemptOf, hostStep, stepOf } from '../../../jobs/run/run.ts';
import { actionsBlocks, contextBlock, sectionBlock } from '../blocks.ts';
import type { ButtonValue } from '../button-value.ts';
import { lookActions } from '../reading/paged-modal.ts';
import { asOnTerminal, countText, inlineCode, oneLineMrkdwn } from '../text.ts';
import { causeLine } from '../wake/first-cause.ts';

export type OutputOf = Pick<Work, 'phase' | 'step' | 'host'>;

/** What of an output is shown: a page, from 1, or what says most; of the lines that hold `query` where that is set. */
export interface OutputAsked extends OutputOf {
  readonly page?: number;
  readonly query: string;
}

const charactersOnPage = 2800;

export function outputModal(run: Run, asked: OutputAsked, output: string | undefined): ModalView {
  const { step, query } = asked;
  const state = hostStep(run, asked);
  const all = outputText(output).split('\n');
  const cause = state.status === 'failed' ? causeLine(output ?? '') : undefined;
  const found = query === '' ? all : all.filter((line) => isIn(line, query));
  const pages = pagesOf(found.map((line) => codeOf(line, cause)));
  const marked = pages.findLastIndex((page) => page.some((line) => line.startsWith('▶')));
  const shown = Math.min(
    Math.max(asked.page ?? (marked === -1 ? pages.length : marked + 1), 1),
    pages.length,
  );
  const lines = pages[shown - 1] ?? [];
  return {
    type: 'modal',
    callback_id: 'look',
    private_metadata: JSON.stringify(outputValue(run, { ...asked, page: shown })),
    title: { type: 'plain_text', text: `Run ${run.id}` },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      contextBlock(
        `${asked.phase === 'undo' ? 'undoing ' : ''}${oneLineMrkdwn(stepOf(run, step).title, 150)} on ${oneLineMrkdwn(asked.host)}`,
        [...factsOf(state), `page ${shown} of ${pages.length}`, ...foundText(query, found)].join(
          '  ·  ',
        ),
      ),
      ...(cause === undefined ? [] : [sectionBlock(`*Why*  ${inlineCode(cause, 300)}`)]),
      sectionBlock(...(lines.some((line) => line !== '') ? lines : ['no output'])),
      ...turnButtons(run, asked, { shown, pages: pages.length }),
      searchField(query),
      ...otherButtons(run, asked),
    ],
  };
}

/** The whole of what is kept of an output as a file has it: as on a terminal, and without secrets. */
export const outputText = (output: string | undefined): string =>
  maskSecrets(asOnTerminal(output ?? '')).trimEnd();

/** What a button of the window carries. */
export const outputValue = (
  { id }: Pick<Run, 'id'>,
  { phase, step, host, page, query }: OutputAsked,
): ButtonValue => ({
  run: id,
  seen: 'output',
  step,
  host,
  choice: JSON.stringify([phase, page ?? 0, query.slice(0, 200)]),
});

const isIn = (line: string, query: string): boolean =>
  line.toLowerCase().includes(query.toLowerCase());

const codeOf = (line: string, cause: string | undefined): string => {
  const code = inlineCode(line, 1000);
  return cause !== undefined && line.trim() === cause ? `▶ ${code}` : code;
};

function pagesOf(lines: readonly string[]): string[][] {
  const pages: string[][] = [[]];
  let left = charactersOnPage;
  for (const line of lines) {
    if (line.length + 1 > left) {
      pages.push([]);
      left = charactersOnPage;
    }
    pages.at(-1)?.push(line);
    left -= line.length + 1;
  }
  return pages;
}

const factsOf = (state: HostStep): string[] => [
  state.status === 'running' ? 'running: goes on here by itself' : state.status,
  ...(attemptOf(state) === 1 ? [] : [`attempt ${attemptOf(state)}`]),
  ...(state.sizeBytes === undefined ? [] : [sizeText(state.sizeBytes)]),
  ...(state.sha256 === undefined ? [] : [`sha256 ${inlineCode(state.sha256.slice(0, 16))}`]),
];

const foundText = (query: string, found: readonly string[]): string[] =>
  query === '' ? [] : [`${countText(found.length, 'line')} with ${inlineCode(query, 100)}`];

const lookButton = (run: Run, action: string, text: string, asked: OutputAsked): Button => ({
  type: 'button',
  action_id: action,
  text: { type: 'plain_text', text, emoji: false },
  value: JSON.stringify(outputValue(run, asked)),
});

function turnButtons(
  run: Run,
  asked: OutputAsked,
  { shown, pages }: { readonly shown: number; readonly pages: number },
): ActionsBlock[] {
  const turn = (nth: number, text: string, page: number): Button =>
    lookButton(run, `${lookActions.page}.${nth}`, text, { ...asked, page });
  return actionsBlocks([
    ...(shown > 2 ? [turn(1, 'Beginning', 1)] : []),
    ...(shown > 1 ? [turn(2, 'Back', shown - 1)] : []),
    ...(shown < pages ? [turn(3, 'On', shown + 1)] : []),
    ...(shown < pages - 1 ? [turn(4, 'End', pages)] : []),
  ]);
}

const searchField = (query: string): InputBlock => ({
  type: 'input',
  block_id: 'search',
  dispatch_action: true,
  optional: true,
  label: { type: 'plain_text', text: 'Lines that hold' },
  element: {
    type: 'plain_text_input',
    action_id: lookActions.search,
    max_length: 200,
    ...(query === '' ? {} : { initial_value: query }),
    dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
  },
});

/** The work that began before and after, and the file. */
function otherButtons(run: Run, asked: OutputAsked): ActionsBlock[] {
  const works = begunWorks(run);
  const at = works.findIndex(
    ({ phase, step, host }) => phase === asked.phase && step === asked.step && host === asked.host,
  );
  const to = (action: string, text: string, work: OutputOf | undefined): Button[] =>
    work === undefined ? [] : [lookButton(run, action, text, { ...work, query: '' })];
  return actionsBlocks([
    ...to(`${lookActions.output}.1`, 'What began before', at < 1 ? undefined : works[at - 1]),
    ...to(`${lookActions.output}.2`, 'What began after', at === -1 ? undefined : works[at + 1]),
    lookButton(run, lookActions.file, 'All of it as a file', asked),
  ]);
}

/** All that began on hosts, in the order of time. */
function begunWorks(run: Run): OutputOf[] {
  const works = (['apply', 'undo'] as const).flatMap((phase) =>
    Object.entries(run[phase]).flatMap(([step, hosts]) =>
      [...hosts].flatMap(([host, { startedAt, began }]) =>
        began && startedAt !== undefined && stepOf(run, step).doer === 'host'
          ? [{ phase, step, host, startedAt }]
          : [],
      ),
    ),
  );
  return works.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}
