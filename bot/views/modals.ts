import type { InputBlock, ModalView } from '@slack/types';
import { askedWork } from '../../jobs/run/decide.ts';
import { stepOf, type Run } from '../../jobs/run/run.ts';
import type { ButtonValue } from './button-value.ts';
import { sectionBlock } from './blocks.ts';
import { decidableWork } from './card/situation.ts';
import { fewNames, plainLabel, oneLineMrkdwn } from './text.ts';
import type { ActionName } from '../../jobs/run/action.ts';

/** Actions that need words of the person who presses. */
export type WordedAction = Extract<ActionName, 'reject' | 'skip' | 'done' | 'rollback'>;

/** What is known once there was time to look: the run, and what a rollback costs. */
export interface WordsLook {
  readonly run?: Run | undefined;
  /** mrkdwn. */
  readonly price?: readonly string[];
}

export const isWordedAction = (name: string): name is WordedAction =>
  name === 'reject' || name === 'skip' || name === 'done' || name === 'rollback';

/** Whether a press of this button asks for words first: a rollback only where its button carries the phrase to type. */
export const needsWords = (name: WordedAction, { choice }: ButtonValue): boolean =>
  name !== 'rollback' || choice !== undefined;

/** Where the submitted words stand: `view.state.values[INPUT.block][INPUT.action].value`. */
export const MODAL_INPUT = { block: 'words', action: 'text' } as const;

/** Of the window of Roll back, beside the phrase: why. */
const REASON_INPUT = { block: 'reason', action: 'text' } as const;

/**
 * Asks for the reason of a reject or skip, or for the evidence that a person did a step. The listener that opens it has no
 * time to load the run: without `run` it says less.
 */
export function wordsModal(
  name: WordedAction,
  value: ButtonValue,
  { run, price = [] }: WordsLook = {},
): ModalView {
  const { title, submit } = WORDS[name];
  return {
    type: 'modal',
    callback_id: `run.${name}`,
    private_metadata: JSON.stringify(value),
    title: { type: 'plain_text', text: title },
    submit: { type: 'plain_text', text: submit },
    close: { type: 'plain_text', text: 'Not now' },
    blocks: [
      sectionBlock(about(name, value, run), ...price),
      ...(name === 'rollback' ? [reasonInput] : []),
      ...(name === 'rollback' && value.choice === '' ? [] : [wordsInput(name, value)]),
    ],
  };
}

const reasonInput: InputBlock = {
  type: 'input',
  block_id: REASON_INPUT.block,
  optional: true,
  label: { type: 'plain_text', text: 'Why?' },
  hint: {
    type: 'plain_text',
    text: 'The second person sees it. If nobody answers in time, you can go alone, with a reason.',
  },
  element: { type: 'plain_text_input', action_id: REASON_INPUT.action, max_length: 1000 },
};

function wordsInput(name: WordedAction, value: ButtonValue): InputBlock {
  const { hint, field } = WORDS[name];
  return {
    type: 'input',
    block_id: MODAL_INPUT.block,
    label: { type: 'plain_text', text: plainLabel(fieldOf(name, value) ?? field, 2000) },
    hint: { type: 'plain_text', text: hint },
    element: {
      type: 'plain_text_input',
      action_id: MODAL_INPUT.action,
      multiline: name !== 'rollback',
      min_length: 1,
      max_length: 1000,
      focus_on_load: true,
    },
  };
}

const WORDS: Readonly<Record<WordedAction, Record<'title' | 'submit' | 'hint' | 'field', string>>> =
  {
    reject: {
      title: 'Reject',
      submit: 'Reject',
      field: 'Why not?',
      hint: 'Everyone in the channel sees it, and it stays in the log of the run.',
    },
    skip: {
      title: 'Go on without it',
      submit: 'Go on',
      field: 'Why is that right?',
      hint: 'It stays in the log of the run.',
    },
    rollback: {
      title: 'Roll back',
      submit: 'Ask for it',
      field: 'What stays?',
      hint: 'A second person confirms before anything is undone. It stays in the log of the run.',
    },
    done: {
      title: 'Done by a person',
      submit: 'It is done',
      field: 'What shows that it is done?',
      hint: 'Paste a line of a log or the answer of a command. It stays in the log of the run.',
    },
  };

const fieldOf = (name: WordedAction, { choice }: ButtonValue): string | undefined =>
  name === 'rollback' && choice !== undefined ? `Type: ${choice}` : undefined;

function about(name: WordedAction, { run: id, choice }: ButtonValue, run: Run | undefined): string {
  const works = run === undefined ? [] : name === 'done' ? askedWork(run) : decidableWork(run);
  const [work] = works;
  const step =
    run === undefined || work === undefined
      ? ''
      : `: *${oneLineMrkdwn(stepOf(run, work.step).title, 150)}* on ${oneLineMrkdwn(fewNames(works.map(({ host }) => host)))}`;
  switch (name) {
    case 'reject':
      return `Run \`${plainLabel(id, 40)}\` stops before what it asks for. If it has done nothing yet, it ends.`;
    case 'skip':
      return `Run \`${plainLabel(id, 40)}\` goes on without the step that failed${step}.`;
    case 'rollback':
      return choice === ''
        ? `Run \`${plainLabel(id, 40)}\`: a schema or a host has moved, so a second person confirms before anything is undone.`
        : `Run \`${plainLabel(id, 40)}\` has done what no rollback undoes. It stays as it is; what came after it is undone. Type that you know.`;
    case 'done':
      return `Run \`${plainLabel(id, 40)}\` goes on once the step is done${step}.`;
  }
}
