import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { keptOutputText } from '../../jobs/redis/output.ts';
import { type Run, hostStep } from '../../jobs/run/run.ts';
import { parsedJson } from '../actions/parsed-json.ts';
import type { ButtonValue } from '../views/button-value.ts';
import { textMessage } from '../views/blocks.ts';
import { type OutputAsked, outputModal, outputText } from '../views/output/output-modal.ts';
import { textModal } from '../views/reading/paged-modal.ts';
import { mention, oneLineMrkdwn, plainLabel } from '../views/text.ts';
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

/** What a step printed on a host, as far as it is kept; asked for as a file, it goes below a message in the channel. */
export async function outputWindow(
  run: Run,
  look: OutputLook,
  desk: Pick<CloudDesk, 'readOutput' | 'post'>,
): Promise<ShownWindow> {
  const asked = outputAsked(run, look);
  if (asked === undefined)
    return { view: textModal('The step that this asked for is no longer part of the run.') };
  const { status, attempt } = hostStep(run, asked);
  const kept = await desk.readOutput(run.id, { ...asked, attempt });
  const text = kept === undefined ? undefined : keptOutputText(kept);
  if (look.isForFile) return { view: await posted(run, { ...look, of: asked, text }, desk) };
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
  (run.undo[step]?.[host]?.status ?? 'pending') === 'pending' ? 'apply' : 'undo';

interface FileLook extends OutputLook {
  readonly of: OutputAsked;
  readonly text: string | undefined;
}

/** The same output of the same step is posted once, however often it is asked for. */
async function posted(
  run: Run,
  { user, of, text }: FileLook,
  { post }: Pick<CloudDesk, 'post'>,
): Promise<ModalView> {
  const { phase, step, host } = of;
  const content = outputText(text);
  if (content === '') return textModal('It has printed nothing yet.');
  const title = run.plan.steps.find(({ id }) => id === step)?.title ?? step;
  const says = `${mention(user)} asked for the output of *${oneLineMrkdwn(title, 150)}* on ${oneLineMrkdwn(host)}, run \`${run.id}\``;
  const name = plainLabel(`${run.id}-${step}-${host}-${phase}.txt`, 150).replaceAll(
    /[^\w.-]/g,
    '_',
  );
  const id = `output.${run.id}.${phase}.${step}.${host}.${hostStep(run, of).attempt}.${content.length}`;
  const { filesRefused } = await post(id, {
    channel: run.plan.channel,
    head: textMessage(says),
    replies: [],
    files: [{ name, title: plainLabel(title, 150), content: `${content}\n` }],
  });
  return textModal(
    filesRefused === undefined
      ? 'It stands in the channel, below a message of its own. What is longer than 32 KiB has its beginning and its end there; the whole is on the host.'
      : `Slack did not take the file: ${filesRefused}.`,
  );
}
