import { gateNumbers, stepsBehindGate } from '../../../jobs/run/gate-steps.ts';
import { type Run, stepOf } from '../../../jobs/run/run.ts';
import {
  type Message,
  type TextFile,
  sectionBlocks,
  sectionsByMessage,
  withBlockIds,
} from '../blocks.ts';
import { cardTitle } from '../card/run-card.ts';
import { factsAbove } from '../reading/facts-above.ts';
import { gateFacts, readGate } from '../reading/gate-reading.ts';
import { readingMessages } from '../reading/messages.ts';
import type { KnownCloud } from '../reading/plan-summary.ts';
import { standardInputLines, stepLines, stepNoteLines } from './commands.ts';
import { exactWords } from './plan-files.ts';

/** All that an approval lets happen, as people read it, in at most two messages of the thread. */
export function approvalReading(run: Run, gate: string, known: KnownCloud | undefined): Message[] {
  const reading = readGate(run, gate);
  const facts = gateFacts(run, reading, known);
  const { part, earlier } = reading;
  const text = `What an approval lets run ${run.id} do: ${gateNumbers(run, gate)}`;
  return readingMessages(text, [{ part, earlier, above: factsAbove(facts, part) }]).map(
    (message, index) => ({
      ...message,
      blocks: withBlockIds(`${run.id}.reading.${gate}.${index}`, message.blocks),
    }),
  );
}

/** The exact words of all that an approval lets happen. Its name is that of no other approval of the run. */
export function approvalFile(run: Run, gate: string, request: string): TextFile {
  const steps = stepsBehindGate(run, gate);
  const from = run.plan.steps.findIndex(({ id }) => id === gate) + 1;
  const title = `${gateNumbers(run, gate)} of ${run.plan.title} on ${run.plan.cloud}, word for word`;
  const notes = (stepOf(run, gate).notes ?? []).map((note) => `- ${note}`);
  return {
    name: `run-${run.id}-${gateNumbers(run, gate).replaceAll(' ', '-')}-plan-${run.planHash.slice(0, 6)}-${Date.parse(request)}.md`,
    title,
    content: [
      `# ${title}`,
      '',
      `${cardTitle(run)}, run ${run.id}, plan ${run.planHash}. What is approved is the plan with this hash.`,
      ...(notes.length === 0 ? [] : ['', '## Known before this', '', ...notes]),
      '',
      '## What runs',
      exactWords(steps, from),
    ].join('\n'),
  };
}

/** The same in as many messages as that takes, for a workspace that takes no files. */
export function approvalWordMessages(run: Run, gate: string): Message[] {
  const known = stepNoteLines(stepOf(run, gate));
  const heading = known.length === 0 ? [] : ['*Known before this*', ...known, '*What runs*'];
  const steps = stepsBehindGate(run, gate);
  const inputs = standardInputLines(steps);
  const first = run.plan.steps.findIndex((step) => step.id === gate);
  const parts = sectionBlocks([
    ...heading,
    ...steps.flatMap((step, index) => stepLines(step, first + index + 1)),
    ...(inputs.length === 0 ? [] : ['', INPUTS, ...inputs]),
  ]);
  const text = `What an approval lets run ${run.id} do, word for word: ${gateNumbers(run, gate)}`;
  return sectionsByMessage(parts).map((blocks, index) => ({
    text,
    blocks: withBlockIds(`${run.id}.commands.${gate}.${index}`, blocks),
  }));
}

const INPUTS = '*What goes to standard input, with its secrets masked*';
