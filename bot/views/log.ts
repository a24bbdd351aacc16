import { sizeText } from '../../jobs/files/sizes.ts';
import { maskSecrets } from '../../handlers/redaction/redact.ts';
import type { Run } from '../../jobs/run/run.ts';
import { attemptOf, hostStep, stepOf } from '../../jobs/run/run.ts';
import { type Message, sectionBlock, sectionBlocks } from './blocks.ts';
import { inlineCode, oneLineMrkdwn, asOnTerminal } from './text.ts';

export interface StepOutput {
  readonly step: string;
  readonly host: string;
  /** The kept output as text; undefined when there is none yet. */
  readonly output: string | undefined;
}

/** What a step printed on a host: all of it while it is short, else its beginning and its end. */
export function stepLog(run: Run, { step, host, output }: StepOutput): Message {
  const undo = run.undo[step]?.get(host);
  const phase = undo === undefined || undo.status === 'pending' ? 'apply' : 'undo';
  const state = hostStep(run, { phase, step, host });
  const title = `${phase === 'undo' ? 'undoing ' : ''}${oneLineMrkdwn(stepOf(run, step).title, 150)} on ${oneLineMrkdwn(host)}`;
  const facts = [
    state.status,
    `attempt ${attemptOf(state)}`,
    ...(state.sizeBytes === undefined ? [] : [sizeText(state.sizeBytes)]),
    ...(state.sha256 === undefined ? [] : [`sha256 ${inlineCode(state.sha256.slice(0, 16))}`]),
  ];
  const lines = output === undefined || output.trim() === '' ? ['no output'] : outputLines(output);
  return {
    text: `Output of ${title}`,
    blocks: [sectionBlock(`*${title}*  ·  ${facts.join('  ·  ')}`), ...sectionBlocks(lines)],
  };
}

const MOST_CHARACTERS = 4000;

function outputLines(output: string): string[] {
  const lines = maskSecrets(asOnTerminal(output))
    .trimEnd()
    .split('\n')
    .map((line) => inlineCode(line, 1000));
  const first = fitting(lines);
  if (first.length === lines.length) return lines;
  const last = fitting(lines.slice(first.length).toReversed()).toReversed();
  const out = lines.length - first.length - last.length;
  return out === 0 ? lines : [...first, `… ${out} lines left out …`, ...last];
}

function fitting(lines: readonly string[]): string[] {
  let left = MOST_CHARACTERS;
  const end = lines.findIndex((line) => (left -= line.length + 1) < 0);
  return lines.slice(0, end === -1 ? undefined : end);
}
