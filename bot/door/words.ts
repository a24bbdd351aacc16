import { parseUpgradeLine, subcommandOf } from '../commands/index.ts';
import { inDoorWords } from './plain-text.ts';
import { isRunId } from '../commands/intent.ts';

/** What was typed at the local door. */
export type DoorWords =
  | { readonly do: 'help'; readonly text: string }
  | { readonly do: 'watch'; readonly run: string }
  /** The second person of a rollback. */
  | { readonly do: 'confirm'; readonly run: string }
  /** A line as it would follow `/upgrade`, and the run that it is about, if one. */
  | { readonly do: 'line'; readonly word: string; readonly line: string; readonly run?: string }
  | { readonly do: 'wrong'; readonly text: string };

interface DoorWord {
  readonly takes: string;
  readonly about: string;
  readonly more?: string;
}

/** Those of `/upgrade` that are for when Slack is down, and one that Slack's card makes needless there. */
const DOOR_WORDS: ReadonlyMap<string, DoorWord> = new Map([
  ['status', ofUpgrade('status')],
  [
    'watch',
    {
      takes: 'RUN',
      about: 'follow a run until it ends',
      more: 'A line each time that something changes. Its exit code is 0 if the run succeeded or was rolled back, else 1. Ctrl-C ends it; the run goes on.',
    },
  ],
  ['abort', ofUpgrade('abort')],
  ['rollback', ofUpgrade('rollback')],
  [
    'approve',
    {
      takes: 'RUN',
      about: 'confirm a rollback that somebody else asked for',
      more: 'What a run is to do next is approved in Slack alone, where it can be read.',
    },
  ],
  ['log', ofUpgrade('log')],
]);

function ofUpgrade(word: string): DoorWord {
  const known = subcommandOf(word);
  if (known === undefined) throw new Error(`there is no word ${word}`);
  return known;
}

export function readDoorWords(words: readonly string[]): DoorWords {
  const [word = 'help', ...rest] = words;
  if (isHelp(word)) return { do: 'help', text: helpOf(rest[0]) };
  const known = DOOR_WORDS.get(word);
  if (known === undefined) return wrong(`There is no word "${word}" here.`, overview());
  if (rest.some(isHelp)) return { do: 'help', text: helpOf(word) };
  const [run] = rest;
  if (word === 'watch' || word === 'approve') {
    if (run !== undefined && rest.length === 1 && isRunId(run))
      return { do: word === 'watch' ? 'watch' : 'confirm', run };
    return wrong(
      run === undefined ? 'RUN is missing.' : `${word} takes the id of one run.`,
      helpOf(word),
    );
  }
  const line = words.join(' ');
  const parsed = parseUpgradeLine(line);
  if ('problem' in parsed) return wrong(inDoorWords(parsed.problem));
  return { do: 'line', word, line, ...(run !== undefined && { run: run.toLowerCase() }) };
}

const isHelp = (one: string | undefined): boolean =>
  one === 'help' || one === '--help' || one === '-h';

const wrong = (...lines: readonly string[]): DoorWords => ({
  do: 'wrong',
  text: lines.join('\n'),
});

function helpOf(word: string | undefined): string {
  const known = word === undefined ? undefined : DOOR_WORDS.get(word);
  if (known === undefined) return overview();
  const { takes, about, more } = known;
  return [
    usage(word ?? '', takes),
    `  ${about}`,
    ...(more === undefined ? [] : [`  ${more}`]),
  ].join('\n');
}

function overview(): string {
  const lines = [...DOOR_WORDS].map(
    ([word, { takes, about }]) => `  ${usage(word, takes)}\n      ${about}`,
  );
  return [
    'The local door of Hopscotch, for when Slack is down. On the machine that its bot runs on:',
    ...lines,
    'Who may do what is as in Slack: the cloud file says, under access.localUsers, who each user of this machine is.',
    'Exit codes: 0 done, 1 refused, 2 not understood, 3 no Hopscotch runs here.',
  ].join('\n');
}

const usage = (word: string, takes: string): string => `npx hopscotch ${word} ${takes}`.trimEnd();
