import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { keptOutputText } from '../../jobs/redis/output.ts';
import { type Run, hostStep } from '../../jobs/run/run.ts';
import { parsedJson } from '../actions/parsed-json.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { type OutputAsked, outputModal } from '../views/output/output-modal.ts';
import { textModal } from '../views/reading/paged-modal.ts';
import { sizeText } from '../../jobs/files/sizes.ts';
import { type OutputFile, nothingPrinted } from './output-files.ts';
import type { CloudDesk } from './desk.ts';

/** A window, and in how many milliseconds to draw it again where what it shows goes on. */
export interface ShownWindow {
  readonly view: ModalView;
  readonly againInMs?: number;
}

interface OutputLook {
  readonly user: string;
  readonly asked: ButtonValue;
  /** What was typed into the search. */
  readonly typed: string | undefined;
  readonly isForFile: boolean;
}

const liveMs = 3000;

/** What a step printed on a host, as far as it is kept; asked for as a file, all of it goes into the run's thread. */
export async function outputWindow(
  run: Run,
  look: OutputLook,
  desk: Pick<CloudDesk, 'readOutput' | 'outputFiles'>,
): Promise<ShownWindow> {
  const asked = outputAsked(run, look);
  if (asked === undefined)
    return { view: textModal('The step that this asked for is no longer part of the run.') };
  const { status, attempt } = hostStep(run, asked);
  const { phase, step, host } = asked;
  const work = { phase, step, host, attempt };
  if (look.isForFile && status === 'pending') return { view: textModal(nothingPrinted) };
  if (look.isForFile) return fileWindow(desk.outputFiles.ask(run, { user: look.user, work }));
  const kept = await desk.readOutput(run.id, work);
  const text = kept === undefined ? undefined : keptOutputText(kept);
  const view = outputModal(run, asked, text);
  return status === 'running' ? { view, againInMs: liveMs } : { view };
}

const Choice = z.tuple([z.enum(['apply', 'undo']), z.int().min(0), z.string()]);

function outputAsked(run: Run, { asked, typed }: OutputLook): OutputAsked | undefined {
  const { step = '', host = '', choice } = asked;
  const planned = run.plan.steps.find(({ id }) => id === step);
  if (planned?.hosts.includes(host) !== true) return undefined;
  const [phase, page, query] = Choice.safeParse(parsedJson(choice)).data ?? [
    newestPhase(run, step, host),
    0,
    '',
  ];
  const chosen = { phase, step, host, query: typed ?? query };
  return page === 0 || typed !== undefined ? chosen : { ...chosen, page };
}

const newestPhase = (run: Run, step: string, host: string): OutputAsked['phase'] =>
  (run.undo[step]?.get(host)?.status ?? 'pending') === 'pending' ? 'apply' : 'undo';

/** The same output of the same step is posted once, however often it is asked for. */
function fileWindow(file: OutputFile): ShownWindow {
  switch (file.is) {
    case 'read': {
      const { bytes, of } = file;
      const far = of === 0 ? '' : `: ${sizeText(bytes)} of ${sizeText(of)}`;
      return { view: textModal(`It is being read from its host${far}…`), againInMs: 1000 };
    }
    case 'posted':
      return { view: textModal(postedWords(file)) };
    case 'refused':
      return { view: textModal(file.why) };
  }
}

/** That it stands where everybody of the run reads, and why it is not all of it. */
export const postedWords = ({ isHere, note }: Extract<OutputFile, { is: 'posted' }>): string =>
  [isHere === true ? 'That is the output.' : "It stands in the run's thread as a file.", note]
    .filter(Boolean)
    .join('\n');
