import { nearest } from '../../jobs/files/nearest.ts';
import { abort } from './runs/abort.ts';
import { approve } from './runs/approve.ts';
import { ask } from './runs/ask.ts';
import { done } from './runs/done.ts';
import { heal } from './clouds/heal.ts';
import { help } from './help.ts';
import { inspect } from './clouds/inspect.ts';
import { type Intent, type Problem, type Subcommand, isRunId } from './intent.ts';
import { log } from './runs/log.ts';
import { pause } from './runs/pause.ts';
import { plan } from './clouds/plan.ts';
import { reject } from './runs/reject.ts';
import { resume } from './runs/resume.ts';
import { retry } from './runs/retry.ts';
import { rollback } from './runs/rollback.ts';
import { run } from './clouds/run.ts';
import { skip } from './runs/skip.ts';
import { start } from './clouds/start.ts';
import { status } from './runs/status.ts';
import { way } from './runs/way.ts';
import { type Words, readWords } from './words.ts';

export type { Intent, Problem, Subcommand, UpgradeIntent } from './intent.ts';

/** Every word of `/upgrade`, in the order in which the help lists them. */
export const subcommands: readonly Subcommand[] = [
  help,
  inspect,
  plan,
  start,
  heal,
  run,
  status,
  approve,
  reject,
  pause,
  resume,
  abort,
  retry,
  skip,
  way,
  rollback,
  done,
  ask,
  log,
];

/** What a line typed after `/upgrade` asks for, or what is wrong with it and how it is written. */
export function parseWords(line: string): Intent | Problem {
  const words = readWords(line);
  const [word] = words.all;
  if (word === undefined) return { do: 'help' };
  const subcommand = subcommandOf(word);
  return subcommand === undefined ? unknown(word) : read(subcommand, words);
}

export const subcommandOf = (word: string): Subcommand | undefined =>
  subcommands.find((subcommand) => subcommand.word === word);

/** How a word is written: `/upgrade skip RUN REASON`. */
export const usageOf = ({ word, takes }: Subcommand): string =>
  `/upgrade ${word} ${takes}`.trimEnd();

/** The word that was probably meant by one that is not known: another spelling, letters that changed places, or the beginning of one. */
export function meantBy(word: string): string | undefined {
  const known = subcommands.map((subcommand) => subcommand.word);
  const begun = word.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  return known.find((candidate) => letters(candidate) === letters(word)) ?? nearest(word, known);
}

const letters = (word: string): string => Array.from(word).toSorted().join('');

function read(subcommand: Subcommand, words: Words): Intent | Problem {
  const [least, most] = subcommand.words;
  const args = words.all.slice(1);
  if (args.length < least) return misses(subcommand, args.length);
  if (subcommand.text === undefined && args.length > most) {
    return problem(`I don't know what to do with "${args.slice(most).join(' ')}".`, subcommand);
  }
  const text = words.textAfter(1 + (subcommand.text === undefined ? least : most));
  if (subcommand.text !== undefined && text === '') return misses(subcommand, least);
  const intent = subcommand.intent(args.slice(0, most), text);
  if (!('run' in intent) || intent.run === undefined || isRunId(intent.run)) return intent;
  return problem(`"${intent.run}" is not the id of a run; /upgrade status lists them.`, subcommand);
}

/** `given` counts the arguments that are there; the first one missing is named. */
function misses(subcommand: Subcommand, given: number): Problem {
  const missing = subcommand.takes.replaceAll(/[[\]]/g, '').split(' ')[given] ?? '';
  return problem(`${missing} is missing.`, subcommand);
}

const problem = (what: string, subcommand: Subcommand): Problem => ({
  problem: [what, usageOf(subcommand), `For example: /upgrade ${subcommand.example}`].join('\n'),
});

function unknown(word: string): Problem {
  const meant = meantBy(word);
  const known = subcommands.map((subcommand) => subcommand.word).join(', ');
  return {
    problem: [
      `I don't know the word "${word.slice(0, 60)}".${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
      `The words are ${known}.`,
      'What they do: /upgrade help',
    ].join('\n'),
  };
}
