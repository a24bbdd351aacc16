import type { ModalView } from '@slack/types';
import { gateNumbers } from '../../../jobs/run/gate-steps.ts';
import type { Run } from '../../../jobs/run/run.ts';
import type { FileDiff } from '../../../openstack/upgrade/file-diffs.ts';
import { countText, cutText, fewNames, inlineCode, oneLineMrkdwn } from '../text.ts';
import { type LookedPage, pagedModal } from './paged-modal.ts';

/** What an approval changes in files, as diffs against the hosts as they are now. */
export function diffsModal(
  run: Run,
  { gate, page }: LookedPage,
  diffs: readonly FileDiff[],
): ModalView {
  const [added, removed] = ['+', '-'].map((sign) =>
    diffs.reduce((sum, diff) => sum + countOf(diff, sign), 0),
  );
  const files = new Set(diffs.map(({ says }) => says)).size;
  const lines = [
    `${countText(files, 'change')} of files, +${added} −${removed} lines; secrets are masked`,
    ...diffs.flatMap(diffLines),
  ];
  const title = `${oneLineMrkdwn(run.plan.title, 100)} · ${gateNumbers(run, gate)}`;
  return pagedModal(run, { gate, page, of: 'diffs' }, { title, lines });
}

const isChange = (line: string, sign: string): boolean =>
  line.startsWith(sign) && !line.startsWith(sign.repeat(3));

const countOf = ({ changes = '' }: FileDiff, sign: string): number =>
  changes.split('\n').filter((line) => isChange(line, sign)).length;

const mostLines = 120;

function diffLines(diff: FileDiff): string[] {
  const { step, says, hosts, changes = '', problem } = diff;
  const [added, removed] = [countOf(diff, '+'), countOf(diff, '-')];
  const size =
    problem !== undefined
      ? `not seen: ${oneLineMrkdwn(problem, 300)}`
      : changes === ''
        ? 'nothing changes'
        : `+${added} −${removed}`;
  const head = `*${step}  ${oneLineMrkdwn(says, 200)}* · on ${oneLineMrkdwn(fewNames(hosts))} · ${size}`;
  const all = changes === '' ? [] : changes.split('\n');
  const rest = all.length - mostLines;
  return [
    '',
    head,
    ...all.slice(0, mostLines).map((line) => inlineCode(cutText(line, 400))),
    ...(rest > 0 ? [`… and ${rest} more lines; the whole file is in the thread`] : []),
  ];
}
