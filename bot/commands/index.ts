import { oddCharacter } from './odd-characters.ts';
import { nearestWord } from '../../jobs/files/nearest.ts';
import { abortSubcommand } from './runs/abort.ts';
import { approveSubcommand } from './runs/approve.ts';
import { askSubcommand } from './runs/ask.ts';
import { doneSubcommand } from './runs/done.ts';
import { fixSubcommand } from './runs/fix.ts';
import { cloudsSubcommand } from './clouds/clouds.ts';
import { healSubcommand } from './clouds/heal.ts';
import { helpSubcommand } from './help.ts';
import { inspectSubcommand } from './clouds/inspect.ts';
import { type LineProblem, type Subcommand, isRunId } from './intent.ts';
import { logSubcommand } from './runs/log.ts';
import { pauseSubcommand } from './runs/pause.ts';
import { planSubcommand } from './clouds/plan.ts';
import { rejectSubcommand } from './runs/reject.ts';
import { resumeSubcommand } from './runs/resume.ts';
import { retrySubcommand } from './runs/retry.ts';
import { rollbackSubcommand } from './runs/rollback.ts';
import { runSubcommand } from './clouds/run.ts';
import { skipSubcommand } from './runs/skip.ts';
import { startSubcommand } from './clouds/start.ts';
import { statusSubcommand } from './runs/status.ts';
import { unlockSubcommand } from './clouds/unlock.ts';
import { type TypedWords, readTypedWords } from './words.ts';

export type { LineProblem, Subcommand } from './intent.ts';
export type { UpgradeIntent } from './clouds/upgrade-subcommand.ts';

/** Every word of `/upgrade`, in the order in which the help lists them. */
export const subcommands = [
  helpSubcommand,
  cloudsSubcommand,
  inspectSubcommand,
  planSubcommand,
  startSubcommand,
  healSubcommand,
  runSubcommand,
  statusSubcommand,
  approveSubcommand,
  rejectSubcommand,
  pauseSubcommand,
  resumeSubcommand,
  abortSubcommand,
  retrySubcommand,
  skipSubcommand,
  fixSubcommand,
  rollbackSubcommand,
  doneSubcommand,
  askSubcommand,
  logSubcommand,
  unlockSubcommand,
] as const;

type KnownSubcommand = (typeof subcommands)[number];

/** What a typed line or a pressed button asks for: whatever the words do. */
export type Intent = IntentOf<KnownSubcommand>;

type IntentOf<One> = One extends Subcommand<infer Asked> ? Asked : never;

/** What a line typed after `/upgrade` asks for, or what is wrong with it and how it is written. */
export function parseUpgradeLine(line: string): Intent | LineProblem {
  const words = readTypedWords(line);
  const [word] = words.all;
  if (word === undefined) return { do: 'help' };
  const subcommand = subcommandOf(word);
  if (subcommand === undefined) return oddWord(word) ?? unknown(word);
  const [, most] = subcommand.words;
  // What follows is a text, which may hold anything.
  const reason = words.all.findIndex((one) => /^(?:-*unsupported|unrehearsed|because)$/.test(one));
  const end = subcommand.text === undefined ? words.all.length : most + 1;
  const odd = words.all
    .slice(1, reason === -1 ? end : Math.min(end, reason))
    .map((one) => oddWord(one))
    .find((found) => found !== undefined);
  return odd ?? read(subcommand, words);
}

export const subcommandOf = (word: string): KnownSubcommand | undefined =>
  subcommands.find((subcommand) => subcommand.word === word || subcommand.formerly === word);

/** What to tell who typed a word by its old name; nothing for any other line. */
export function renamedWord(line: string): string | undefined {
  const [typed] = readTypedWords(line).all;
  const renamed = subcommands.find(({ formerly }) => formerly !== undefined && formerly === typed);
  return renamed && `"${typed}" is called "${renamed.word}" now: ${subcommandUsage(renamed)}`;
}

/** How a word is written: `/upgrade skip RUN REASON`. */
export const subcommandUsage = ({ word, takes }: Subcommand): string =>
  `/upgrade ${word} ${takes}`.trimEnd();

/** The word that was probably meant by one that is not known: another spelling, letters that changed places, or the beginning of one. */
export function probablyMeant(word: string): string | undefined {
  const known = subcommands.map((subcommand) => subcommand.word);
  const begun = word.length < 2 ? [] : known.filter((candidate) => candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  return (
    known.find((candidate) => letters(candidate) === letters(word)) ?? nearestWord(word, known)
  );
}

const letters = (word: string): string => Array.from(word).toSorted().join('');

/** Names what no id and no name holds, as it is often not to be seen. */
function oddWord(word: string): LineProblem | undefined {
  const odd = oddCharacter(word);
  return odd === undefined
    ? undefined
    : { problem: `"${word.slice(0, 60)}" has ${odd} in it: type it anew without that.` };
}

function read(subcommand: KnownSubcommand, words: TypedWords): Intent | LineProblem {
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
function misses(subcommand: Subcommand, given: number): LineProblem {
  const missing = subcommand.takes.replaceAll(/[[\]]/g, '').split(' ')[given] ?? '';
  return problem(`${missing} is missing.`, subcommand);
}

const problem = (what: string, subcommand: Subcommand): LineProblem => ({
  problem: [what, subcommandUsage(subcommand), `For example: /upgrade ${subcommand.example}`].join(
    '\n',
  ),
});

function unknown(word: string): LineProblem {
  const meant = probablyMeant(word);
  const known = subcommands.map((subcommand) => subcommand.word).join(', ');
  return {
    problem: [
      `I don't know the word "${word.slice(0, 60)}".${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
      `The words are ${known}.`,
      'What they do: /upgrade help',
    ].join('\n'),
  };
}
