import { outcomeTexts, runStanding } from '../../jobs/run/act.ts';
import type { KnownTimes } from '../../jobs/run/durations/estimates.ts';
import type { RecogniseFailure } from '../../openstack/repair/signature.ts';
import type { EdgeTrouble } from '../../jobs/redis/troubles.ts';
import type { Run } from '../../jobs/run/run.ts';
import { type Message, textMessage, sectionBlock, sectionBlocks } from './blocks.ts';
import { planLines } from './plan/plan.ts';
import { runMark, runCard, cardTitle } from './card/run-card.ts';
import { type DateStyle, inlineCode, cutText, mention, oneLineMrkdwn, timeText } from './text.ts';

const WHERE = 'Their cards are in the channels of their clouds.';

/** The latest runs, a line each, newest first. `hidden`: how many more there are that this person may not see. */
export function runList(
  runs: readonly Run[],
  now: string,
  dates: DateStyle = 'slack',
  hidden = 0,
): Message {
  if (runs.length === 0 && hidden > 0) {
    return textMessage(
      `There are runs, and none on a cloud whose engineer or approver you are. ${WHERE}`,
    );
  }
  if (runs.length === 0) {
    return textMessage('There is no run yet. Start one with: `/upgrade run CLOUD RUNBOOK`');
  }
  const lines = runs.slice(0, 20).map((run) => listLine(run, now, dates));
  const hint = `One of them: \`/upgrade status ${runs[0]?.id ?? 'RUN'}\``;
  return { text: `The latest ${runs.length} runs`, blocks: [...sectionBlocks([...lines, hint])] };
}

/** An answer below what goes wrong, or lately went wrong, at the edges of Hopscotch. */
export function withTroubles(
  { text, blocks }: Message,
  troubles: readonly EdgeTrouble[],
  dates: DateStyle,
): Message {
  const lines = troubles.map(({ edge, says, hint, since, until }) => {
    const name = { slack: 'Slack', redis: 'Redis' }[edge];
    const when =
      until === undefined
        ? `since ${timeText(since, dates)}`
        : `from ${timeText(since, dates)} to ${timeText(until, dates)}`;
    return oneLineMrkdwn(`${name}, ${when}: ${says}.${until === undefined ? ` ${hint}` : ''}`, 900);
  });
  return lines.length === 0
    ? { text, blocks }
    : { text, blocks: [...sectionBlocks(lines), ...blocks] };
}

/** Where one run stands, in words: its card without the buttons, and its steps. */
export function runStatus(
  run: Run,
  now: string,
  dates: DateStyle = 'slack',
  recognise?: RecogniseFailure,
  noWorkerSince?: string,
  times?: KnownTimes,
): Message {
  const { text, blocks } = runCard(run, now, dates, recognise, noWorkerSince, times);
  return {
    text,
    blocks: [...blocks.filter(({ type }) => type !== 'actions'), sectionBlock(...planLines(run))],
  };
}

function listLine(run: Run, now: string, dates: DateStyle): string {
  const where = run.ended === undefined ? runStanding(run) : outcomeTexts[run.ended.outcome];
  const line = [
    `${runMark(run)}${inlineCode(run.id)} ${oneLineMrkdwn(cardTitle(run), 120)}`,
    oneLineMrkdwn(where.replace(`Run ${run.id} `, '').replace(/\.$/, ''), 200),
    `${mention(run.requestedBy)} ${timeText(run.requestedAt, dates, now)}`,
  ].join('  ·  ');
  return cutText(line, 600);
}
