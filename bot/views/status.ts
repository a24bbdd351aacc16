import { outcomes, standing } from '../../jobs/run/act.ts';
import type { Recognise } from '../../openstack/repair/signature.ts';
import type { Run } from '../../jobs/run/run.ts';
import { type Message, said, section, sections } from './blocks.ts';
import { planLines } from './plan/plan.ts';
import { markFor, runCard, titleOf } from './card/run-card.ts';
import { type Dates, code, cut, mention, plain, when } from './text.ts';

/** The latest runs, a line each, newest first. */
export function runList(runs: readonly Run[], now: string, dates: Dates = 'slack'): Message {
  if (runs.length === 0) {
    return said('There is no run yet. Start one with: `/upgrade run CLOUD RUNBOOK`');
  }
  const lines = runs.slice(0, 20).map((run) => listLine(run, now, dates));
  const hint = `One of them: \`/upgrade status ${runs[0]?.id ?? 'RUN'}\``;
  return { text: `The latest ${runs.length} runs`, blocks: [...sections([...lines, hint])] };
}

/** Where one run stands, in words: its card without the buttons, and its steps. */
export function runStatus(
  run: Run,
  now: string,
  dates: Dates = 'slack',
  recognise?: Recognise,
): Message {
  const { text, blocks } = runCard(run, now, dates, recognise);
  return {
    text,
    blocks: [...blocks.filter(({ type }) => type !== 'actions'), section(...planLines(run))],
  };
}

function listLine(run: Run, now: string, dates: Dates): string {
  const where = run.ended === undefined ? standing(run) : outcomes[run.ended.outcome];
  const line = [
    `${markFor(run)}${code(run.id)} ${plain(titleOf(run), 120)}`,
    plain(where.replace(`Run ${run.id} `, '').replace(/\.$/, ''), 200),
    `${mention(run.requestedBy)} ${when(run.requestedAt, dates, now)}`,
  ].join('  ·  ');
  return cut(line, 600);
}
