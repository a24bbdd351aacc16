import type { Subcommand } from '../intent.ts';
import type { Action, ActionName } from '../../../jobs/run/action.ts';

/** An action on a run, as its buttons do it too. */
export interface ActIntent {
  readonly do: 'act';
  readonly run: string;
  readonly action: Action;
}

/** A word that does one action to a run and needs nothing else: `pause RUN`. */
export const runActionSubcommand = (
  word: ActionName,
  { about, more }: Pick<Subcommand, 'about' | 'more'>,
): Subcommand<ActIntent> => ({
  word,
  takes: 'RUN',
  about,
  ...(more === undefined ? {} : { more }),
  example: `${word} 7f3a12`,
  words: [1, 1],
  intent: ([run = '']) => ({ do: 'act', run, action: { name: word } }),
});

interface WithText extends Pick<Subcommand, 'about' | 'more'> {
  readonly text: string;
  readonly example: string;
}

/** A word that does one action to a run and needs words of the person: `skip RUN REASON`. */
export const runActionWithTextSubcommand = (
  word: ActionName,
  { about, more, text: name, example }: WithText,
): Subcommand<ActIntent> => ({
  word,
  takes: `RUN ${name}`,
  about,
  ...(more === undefined ? {} : { more }),
  example: `${word} 7f3a12 ${example}`,
  words: [1, 1],
  text: name,
  intent: ([run = ''], text) => ({ do: 'act', run, action: { name: word, text } }),
});
