// All that a step printed, as its host keeps it: Redis has its beginning and its end alone.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { type Work, executionId } from '../run/events.ts';
import type { Run } from '../run/run.ts';
import type { HostInspector } from './host-inspector.ts';
import { outputPartShell } from './scripts/embedded.ts';

/** What a host has of an output. */
export type WholeOutput =
  | { readonly is: 'whole'; readonly bytes: Buffer; readonly sha256: string }
  /** It is longer than was asked for. */
  | { readonly is: 'tooLong'; readonly sizeBytes: number }
  /** The host knows nothing of it: it was tidied, or the machine is another one. */
  | { readonly is: 'gone' }
  /** The host could not be asked: why. */
  | { readonly is: 'silent'; readonly why: string };

export interface WholeAsked {
  readonly run: Run;
  readonly work: Work;
  readonly mostBytes: number;
  /** Told how much has come so far. */
  readonly heard?: (bytes: number, of: number) => void;
}

/** Where an output is on its host, below the home of the login user. */
export const outputPath = (run: string, work: Work): string =>
  `.hopscotch/${executionId(run, work)}/out`;

/** A probe may write one MiB. */
const partBytes = 700_000;
/** So many parts are asked for at a time. */
const partsAtOnce = 4;

/** Reads an output from its host through a worker, part by part. Of one that grows: what there is when it begins. */
export async function readWholeOutput(
  look: HostInspector['look'],
  newId: () => string,
  { run, work, mostBytes, heard = () => {} }: WholeAsked,
): Promise<WholeOutput> {
  const target = run.plan.targets[work.host];
  if (target === undefined) return { is: 'gone' };
  const ask = async (froms: readonly number[]): Promise<Part[] | Unread> => {
    const commands = froms.map((from) => {
      const words = [outputPath(run.id, work), `${from + 1}`, `${partBytes}`];
      return { words: ['sh', '-c', outputPartShell, ...words] };
    });
    const hosts = { [work.host]: { target, commands } };
    const answers = await look(newId(), { become: false, hosts }, { once: true });
    return partsOf(answers[work.host]);
  };
  try {
    const first = await ask([0]);
    if (!Array.isArray(first)) return first;
    const sizeBytes = first[0]?.sizeBytes ?? 0;
    if (sizeBytes > mostBytes) return { is: 'tooLong', sizeBytes };
    const parts = first.map(({ bytes }) => bytes.subarray(0, sizeBytes));
    let read = parts[0]?.length ?? 0;
    while (read < sizeBytes) {
      heard(read, sizeBytes);
      const froms = Array.from({ length: partsAtOnce }, (_, nth) => read + nth * partBytes);
      const more = await ask(froms.filter((from) => from < sizeBytes));
      if (!Array.isArray(more)) return more;
      const bytes = Buffer.concat(more.map((part) => part.bytes)).subarray(0, sizeBytes - read);
      if (bytes.length === 0) return { is: 'silent', why: 'it became shorter while it was read' };
      parts.push(bytes);
      read += bytes.length;
    }
    const bytes = Buffer.concat(parts);
    return { is: 'whole', bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { is: 'silent', why: error.message };
  }
}

interface Part {
  readonly sizeBytes: number;
  readonly bytes: Buffer;
}

type Unread = Extract<WholeOutput, { is: 'gone' | 'silent' }>;
type Answer = Awaited<ReturnType<HostInspector['look']>>[string];

function partsOf(answer: Answer | undefined): Part[] | Unread {
  if (answer === undefined) return { is: 'silent', why: 'no answer' };
  if ('problem' in answer) return { is: 'silent', why: answer.problem.message };
  if (answer.outputs.some(({ exit }) => exit === 3)) return { is: 'gone' };
  const bad = answer.outputs.find(({ exit }) => exit !== 0);
  if (bad !== undefined) return { is: 'silent', why: bad.stderr.trim() || `exit ${bad.exit}` };
  return answer.outputs.map(({ stdout }) => {
    const [size = '', packed = ''] = stdout.split('\n');
    return { sizeBytes: Number(size), bytes: gunzipSync(Buffer.from(packed, 'base64')) };
  });
}
