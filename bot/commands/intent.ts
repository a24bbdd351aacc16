/** What a typed line or a pressed button asks for: `do` says what, and names what else there is to it. */
interface Asked {
  readonly do: string;
}

/** Why a line asks for nothing. Plain text for the person who typed it, not escaped. */
export interface LineProblem {
  readonly problem: string;
}

/** One word of `/upgrade`, and what it asks for. */
export interface Subcommand<Intent extends Asked = Asked> {
  readonly word: string;
  /** What it was called in the release before, which still answers and names the new word. */
  readonly formerly?: string;
  /** What follows the word, in the notation of the help: `RUN [STEP]`. Empty when nothing does. */
  readonly takes: string;
  /** What it does, for the list of all words: one sentence without a full stop. */
  readonly about: string;
  /** More for `help WORD`. */
  readonly more?: string;
  /** A line as somebody would type it, without `/upgrade`. */
  readonly example: string;
  /** The number of single words it needs, and the most it takes. */
  readonly words: readonly [least: number, most: number];
  /** What the free text after the last single word is called when it is needed: `REASON`. */
  readonly text?: string;
  /** `args` holds as many words as `words` says; `text` is what follows them as it was typed, not empty where it is needed. */
  readonly intent: (args: readonly string[], text: string) => Intent | LineProblem;
}

/** Ids go into keys of the database as they are. */
export const isRunId = (text: string): boolean => /^[0-9a-z][0-9a-z-]{0,39}$/.test(text);
