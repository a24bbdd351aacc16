// All that a step printed, read from its host and put into the run's thread as a file.
import type { Logger } from 'pino';
import { type KeptOutput, keptOutputText } from '../../jobs/redis/output.ts';
import { type WholeAsked, type WholeOutput, outputPath } from '../../jobs/redis/whole-output.ts';
import type { RedactRun } from '../../jobs/redis/seal/redacted-store.ts';
import { sizeText } from '../../jobs/files/sizes.ts';
import type { Work } from '../../jobs/run/events.ts';
import { type Run, hostStep, stepOf } from '../../jobs/run/run.ts';
import { outputText } from '../views/output/output-modal.ts';
import { maskedPieces } from '../views/output/whole-text.ts';
import { inlineCode, mention, oneLineMrkdwn, plainLabel } from '../views/text.ts';
import type { ThreadPoster } from '../outbox/posts.ts';

/** Slack takes a GiB; of more than this nobody reads in a channel, and the bot has it in memory. */
const mostFileBytes = 64 * 1024 ** 2;

/** How the file stands that somebody asked for. */
export type OutputFile =
  { readonly is: 'read'; readonly bytes: number; readonly of: number } | EndedFile;

export type EndedFile =
  /** `isHere`: whoever asked was shown it where they asked. `note` as of `OutputContent`. */
  | { readonly is: 'posted'; readonly isHere?: true; readonly note?: string }
  | { readonly is: 'refused'; readonly why: string };

interface Options {
  readonly readKept: (run: string, work: Work) => Promise<KeptOutput | undefined>;
  readonly readWhole: (asked: WholeAsked) => Promise<WholeOutput>;
  readonly redact: RedactRun;
  readonly attach: ThreadPoster['attach'];
  readonly log: Logger;
}

interface Asked {
  readonly user: string;
  readonly work: Work;
  readonly heard?: (bytes: number, of: number) => void;
}

export const nothingPrinted = 'It has printed nothing yet.';

/** Puts the whole output into the run's thread; where it cannot be had, what is kept of it, and why. */
async function postOutputFile(
  run: Run,
  { user, work, heard = () => {} }: Asked,
  options: Options,
): Promise<EndedFile> {
  const found = await readOutputFile(run, { work, heard }, options);
  if (found === undefined) return { is: 'refused', why: nothingPrinted };
  const { content, note } = found;
  const title = stepOf(run, work.step).title;
  const back = work.phase === 'undo' ? 'undoing ' : '';
  const says = `${mention(user)} asked for the output of ${back}*${oneLineMrkdwn(title, 150)}* on ${oneLineMrkdwn(work.host)}`;
  const { phase, step, host, attempt } = work;
  const name = `${run.id}-${step}-${host}-${phase}${attempt}`.replaceAll(/[^\w.-]/g, '_');
  const { filesRefused } = await options.attach(
    `output.${run.id}.${phase}.${step}.${host}.${attempt}.${content.length}`,
    run,
    {
      says: note === undefined ? says : `${says}\n${note}`,
      file: { name: `${name.slice(0, 150)}.txt`, title: plainLabel(title, 150), content },
    },
  );
  if (filesRefused !== undefined)
    return { is: 'refused', why: `Slack did not take the file: ${filesRefused}.` };
  return { is: 'posted', ...(note !== undefined && { note }) };
}

interface OutputContent {
  /** As people may read it. */
  readonly content: Buffer;
  /** Why it is not all of it, or is not what the log knows. */
  readonly note?: string;
}

/** What there is to show of it; undefined where it printed nothing. */
async function readOutputFile(
  run: Run,
  { work, heard = () => {} }: Omit<Asked, 'user'>,
  options: Options,
): Promise<OutputContent | undefined> {
  const whole = await options.readWhole({ run, work, mostBytes: mostFileBytes, heard });
  if (whole.is === 'whole') {
    if (whole.bytes.length === 0) return undefined;
    const { sha256, status } = hostStep(run, work);
    const isOther = sha256 !== undefined && sha256 !== '' && sha256 !== whole.sha256;
    const note = isOther
      ? `What ${oneLineMrkdwn(work.host)} has now is not what the log knows (sha256 ${inlineCode(sha256.slice(0, 16))}): somebody changed it there.`
      : status === 'running'
        ? 'The step still runs: this is what it has printed so far.'
        : undefined;
    const content = await masked(whole.bytes.toString(), options.redact(run));
    return { content, ...(note !== undefined && { note }) };
  }
  const kept = await options.readKept(run.id, work);
  const text = kept === undefined ? '' : outputText(keptOutputText(kept));
  if (text === '') return undefined;
  return { content: Buffer.from(`${text}\n`), note: whyKept(run, work, whole) };
}

/** Lets others of this process in between its pieces. */
async function masked(text: string, mask: (text: string) => string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const piece of maskedPieces(text, mask)) {
    pieces.push(Buffer.from(piece));
    await new Promise((done) => setImmediate(done));
  }
  return Buffer.concat(pieces);
}

function whyKept(run: Run, work: Work, whole: Exclude<WholeOutput, { is: 'whole' }>): string {
  const host = oneLineMrkdwn(work.host);
  const only = 'Its beginning and its end alone are here (8 and 24 KiB):';
  switch (whole.is) {
    case 'tooLong': {
      const login = run.plan.targets[work.host];
      const at = `${login?.user ?? ''}@${login?.address ?? work.host}`;
      const path = inlineCode(`ssh ${at} cat ${outputPath(run.id, work)}`);
      return `${only} it is ${sizeText(whole.sizeBytes)}, and Slack gets at most ${sizeText(mostFileBytes)}. All of it: ${path}`;
    }
    case 'gone':
      return `${only} ${host} has it no more. What steps leave there goes 30 days after their end.`;
    case 'silent':
      return `${only} ${host} could not be asked: ${oneLineMrkdwn(whole.why, 500)}`;
  }
}

export interface OutputFiles {
  readonly read: (run: Run, work: Work) => Promise<OutputContent | undefined>;
  /** Puts it there, and answers how that ended. Never rejects. */
  readonly post: (run: Run, asked: Asked) => Promise<EndedFile>;
  /** How it stands: the first to ask has it read, whoever asks meanwhile hears how far that is. */
  readonly ask: (run: Run, asked: Omit<Asked, 'heard'>) => OutputFile;
}

/** For so long an end is told to whoever asks again; then asking begins anew. */
const toldMs = 5000;

export function openOutputFiles(options: Options): OutputFiles {
  const files = new Map<string, { now: OutputFile; endedMs?: number }>();
  const post: OutputFiles['post'] = (run, asked) =>
    postOutputFile(run, asked, options).catch((error: unknown): EndedFile => {
      options.log.warn({ runId: run.id, work: asked.work, err: error }, 'an output as a file');
      return {
        is: 'refused',
        why: 'It could not be read or posted; the log of Hopscotch says why.',
      };
    });
  return {
    read: (run, work) => readOutputFile(run, { work }, options),
    post,
    ask: (run, { user, work }) => {
      const key = JSON.stringify([run.id, work]);
      const known = files.get(key);
      if (known !== undefined && performance.now() - (known.endedMs ?? Infinity) < toldMs)
        return known.now;
      const file: { now: OutputFile; endedMs?: number } = { now: { is: 'read', bytes: 0, of: 0 } };
      files.set(key, file);
      const heard = (bytes: number, of: number): void => {
        file.now = { is: 'read', bytes, of };
      };
      void post(run, { user, work, heard }).then((end) => {
        file.now = end;
        file.endedMs = performance.now();
        setTimeout(() => files.get(key) === file && files.delete(key), toldMs).unref();
      });
      return file.now;
    },
  };
}
