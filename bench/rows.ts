import type { BenchSize } from './rounds.ts';
import { workKinds } from './work.ts';

/** What the bench can measure, by the names that it is asked for. */
export const benchHelp = `npm run bench -- NAME... [--rounds N] [--seconds N] [--pretend] [--profile DIR]

  30x50           30 steps on 50 hosts, cold and once more over the connections that are open, beside raw ssh2
  file:10x50      the same with steps of kind file, beside raw ssh2 with the same commands; needs root
  package:10x50   the same with steps of kind package; the package manager is a pretended one
  200MB           one step that prints so much, beside a program that reads its lines from raw ssh2
  acks            how long people wait for an acknowledgement, idle and in 30x50, beside Bolt that adds one job
  card            from a press to the card that shows it: idle, and within three seconds of the last change
  planning        how long people wait for other answers while the largest plan is made, compared and drawn
  2000runs        the start with so many finished runs in the store, and the first status, beside an empty store

  --rounds N      of the sizes; 3 unless said
  --seconds N     after so many seconds no round of a size begins but its first
  --pretend       hosts that only speak as hosts do: what is measured is ours alone
  --profile DIR   where each process leaves a CPU profile of itself

  The table of docs/performance.md:
    npm run bench -- 30x50 10x50 50x50 1x200 30x1 file:10x50 package:10x50 acks card 200MB 2000MB planning 2000runs --rounds 5
    npm run bench -- 10x10 10x50 10x100 10x200 5x50 50x50 300x10 3x1000 --pretend --rounds 5
`;

/** What was asked for in one word. */
export type Row =
  | { readonly is: 'size'; readonly size: BenchSize }
  | { readonly is: 'output'; readonly megabytes: number }
  | { readonly is: 'runs'; readonly count: number }
  | { readonly is: 'acks' | 'card' | 'planning' };

const words = ['acks', 'card', 'planning'] as const;

/** Undefined for a word that means nothing here. */
export function rowOf(text: string): Row | undefined {
  const word = words.find((one) => one === text);
  if (word !== undefined) return { is: word };
  const [, count, of] = /^(\d+)(MB|runs)$/.exec(text) ?? [];
  if (of === 'MB') return { is: 'output', megabytes: Number(count) };
  if (of === 'runs') return { is: 'runs', count: Number(count) };
  const [, named = 'command', steps, hosts] = /^(?:([a-z]+):)?(\d+)x(\d+)$/.exec(text) ?? [];
  const kind = workKinds.find((one) => one === named);
  return kind === undefined || steps === undefined
    ? undefined
    : { is: 'size', size: { text, kind, steps: Number(steps), hosts: Number(hosts) } };
}
