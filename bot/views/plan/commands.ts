import { createHash } from 'node:crypto';
import { z } from 'zod';
import { sizeText } from '../../../jobs/files/sizes.ts';
import { type Command, toShell } from '../../../handlers/contract/command.ts';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import { maskedInput, type PlanStep } from '../../../jobs/run/plan.ts';
import { inlineCode, escapeMrkdwn, fewNames, oneLineMrkdwn, makeVisible } from '../text.ts';

/**
 * Everything that one step will run and where, word for word: mrkdwn lines, none longer than `max`. With `isBrief` a long
 * script in a command is named by its fingerprint.
 */
export function stepLines(
  step: PlanStep,
  number: number,
  { isBrief = false, max = 2800 }: { readonly isBrief?: boolean; readonly max?: number } = {},
): string[] {
  return [
    `*${number}. ${oneLineMrkdwn(step.title, 150)}*  ·  on ${oneLineMrkdwn(step.hosts.join(', '), 1500)}${notes(step)}`,
    ...(step.doer === 'person' ? [personLine(step, max)] : []),
    ...step.apply.flatMap((command) => commandLines(command, { isBrief, max })),
    ...(step.apply.length === 0 && step.doer === 'host'
      ? ['runs nothing that changes the host']
      : []),
  ];
}

/** The long scripts in the commands of steps, each once, whole, under the fingerprint that stands for it elsewhere. */
export function scriptLines(steps: readonly PlanStep[], max = 2800): string[] {
  return longScripts(steps).flatMap(({ name, script }) => [
    '',
    `*Script ${inlineCode(name)}*`,
    ...wholeLines(script, max),
  ]);
}

/** The same for any page: each script with the name that `briefCommandLine` gives it. */
export function longScripts(
  steps: readonly Pick<PlanStep, 'apply'>[],
): { readonly name: string; readonly script: string }[] {
  const words = steps.flatMap(({ apply }) => apply.flatMap((command) => command.words));
  return [...new Set(words.filter(isLong))].map((script) => ({ name: nameOf(script), script }));
}

/** A text that goes to a standard input. */
export interface StandardInput {
  /** The beginning of its sha256, which stands with its command. */
  readonly name: string;
  /** Its secrets are masked. */
  readonly text: string;
}

/** All that goes to the standard input of these steps and can be read by people, each once. */
export function standardInputs(
  steps: readonly PlanStep[],
  isWanted: (stdin: string, isSecret: boolean) => boolean = () => true,
): StandardInput[] {
  const inputs = new Map<string, StandardInput>();
  for (const step of steps)
    for (const { stdin, secret = false } of step.apply) {
      if (stdin === undefined || inputs.has(stdin) || !isWanted(stdin, secret)) continue;
      const text = secret ? maskedInput(step, stdin) : maskSecrets(stdin);
      if (text !== undefined) inputs.set(stdin, { name: sha256(stdin).slice(0, 16), text });
    }
  return [...inputs.values()];
}

/** What `stepLines` names by its fingerprint only, whole. */
export const standardInputLines = (steps: readonly PlanStep[], max = 2800): string[] =>
  standardInputs(steps, (stdin, isSecret) => !isShown(stdin, isSecret)).flatMap(
    ({ name, text }) => [
      '',
      `*Input ${inlineCode(name)}*`,
      ...wholeLines(text.replace(/\n$/, ''), max),
    ],
  );

const nameOf = (script: string): string => sha256(script).slice(0, 8);

/** What to know before approving a step: mrkdwn lines. */
export const stepNoteLines = ({ notes: all = [] }: PlanStep): string[] =>
  all.map((note) => `• ${headed(oneLineMrkdwn(note, 900))}`);

/** The first sentence in bold, where more follow. */
function headed(note: string): string {
  const [, first = '', rest = ''] = /^([^*]{1,120}?[.:]) (.+)$/s.exec(note) ?? [];
  return rest === '' ? note : `*${first}* ${rest}`;
}

function notes({ batch, hosts, maxFailures, exit }: PlanStep): string {
  return [
    ...(batch < hosts.length ? [`${batch} at a time`] : []),
    ...(maxFailures > 0 ? [`goes on with up to ${maxFailures} failed`] : []),
    ...(exit === 'oneWay' ? ['*one-way*'] : []),
  ]
    .map((note) => `  ·  ${note}`)
    .join('');
}

function personLine({ params, asks }: PlanStep, max: number): string {
  const { instructions } = asks ?? Instructions.catch({}).parse(params);
  return instructions === undefined
    ? 'a person does it'
    : `a person does it: ${oneLineMrkdwn(instructions, max - 100)}`;
}

const Instructions = z.looseObject({ instructions: z.string().optional() });

function commandLines(
  { words, stdin, secret = false, okExits }: Command,
  { isBrief, max }: { readonly isBrief: boolean; readonly max: number },
): string[] {
  return [
    ...wholeLines(isBrief ? briefCommandLine(words) : toShell(words), max),
    ...(okExits === undefined ? [] : [okExitsLine(okExits)]),
    ...(stdin === undefined ? [] : stdinLines(stdin, { isSecret: secret, isBrief, max })),
  ];
}

/** `exit 0 or 2 counts as done` */
export const okExitsLine = (okExits: readonly number[]): string =>
  `exit ${fewNames(okExits.map(String), 6).replace(/, (?=\d+$)/, ' or ')} counts as done`;

/** A word that is bare between angle brackets stands for a script: a word with such brackets of its own would be quoted. */
export function briefCommandLine(words: readonly string[]): string {
  const [program = '', ...rest] = words;
  return [toShell([program]), ...rest.map(named)].join(' ');
}

function named(word: string): string {
  const lines = word.split('\n').length;
  // The first word of a line is quoted by other rules than the rest.
  if (!isLong(word)) return toShell(['-', word]).slice(2);
  return `⟨script of ${lines} lines, sha256 ${nameOf(word)}⟩`;
}

const MOST_SCRIPT_LINES = 6;
const isLong = (word: string): boolean => word.split('\n').length > MOST_SCRIPT_LINES;

/** Small contents without secrets are shown; of others the fingerprint says that what was looked at elsewhere is what arrives. */
function stdinLines(
  stdin: string,
  {
    isSecret,
    isBrief,
    max,
  }: { readonly isSecret: boolean; readonly isBrief: boolean; readonly max: number },
): string[] {
  const bytes = Buffer.byteLength(stdin);
  if (isShown(stdin, isSecret)) {
    const end = stdin.endsWith('\n') ? '' : ', no newline at its end';
    return [
      `with this on its standard input (${sizeText(bytes)}${end}):`,
      ...wholeLines(stdin.replace(/\n$/, ''), max),
    ];
  }
  const print = isBrief ? `${sha256(stdin).slice(0, 16)}…` : sha256(stdin);
  return [`with ${sizeText(bytes)} on its standard input, sha256 ${inlineCode(print)}`];
}

/** Whether it stands beside its command. */
const isShown = (stdin: string, isSecret: boolean): boolean =>
  !isSecret && stdin.length <= 600 && stdin.split('\n').length <= 12;

/** Code lines of a text. A line too long for one goes on after an arrow, so that nothing is left out. */
function wholeLines(text: string, max: number): string[] {
  const lines = text
    .split('\n')
    .flatMap((line) => inPieces(makeVisible(line), max - 10))
    .map(({ piece, isMore }) => `${isMore ? '↳ ' : ''}${inlineCode(piece, max)}`);
  return text.includes('`') ? [...lines, '(ˋ stands for a backtick)'] : lines;
}

function inPieces(line: string, max: number): { piece: string; isMore: boolean }[] {
  const pieces: string[] = [''];
  let length = 0;
  for (const character of line) {
    const more = escapeMrkdwn(character).length;
    if (length + more > max) {
      pieces.push('');
      length = 0;
    }
    pieces[pieces.length - 1] += character;
    length += more;
  }
  return pieces.map((piece, index) => ({ piece, isMore: index > 0 }));
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
