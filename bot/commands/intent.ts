import type { Action } from '../../jobs/run/action.ts';

/** What a typed line or a pressed button asks for. */
export type Intent =
  | { readonly do: 'help'; readonly topic?: string }
  | { readonly do: 'clouds' }
  | { readonly do: 'run'; readonly cloud: string; readonly runbook: string }
  | { readonly do: 'inspect'; readonly cloud: string }
  | UpgradeIntent
  | { readonly do: 'heal'; readonly cloud: string; readonly database?: string }
  | { readonly do: 'unlock'; readonly cloud: string; readonly reason: string }
  | { readonly do: 'status'; readonly run?: string }
  | { readonly do: 'act'; readonly run: string; readonly action: Action }
  | { readonly do: 'ask'; readonly run: string }
  | {
      readonly do: 'log';
      readonly run: string;
      readonly step: string;
      readonly host?: string;
      /** All of it, as a file. */
      readonly isWhole?: true;
    };

/** The path of a cloud to a release, for all of its services or some. */
export interface UpgradeIntent {
  readonly do: 'plan' | 'start';
  readonly cloud: string;
  readonly series: string;
  readonly only?: readonly string[];
  /** The distribution release that hosts should have in the end. */
  readonly codename?: string;
  /** Why the cloud goes straight to the release, whatever OpenStack supports; may be empty where it is only planned. */
  readonly unsupported?: string;
  /** Why a production cloud is upgraded without a rehearsal. */
  readonly unrehearsed?: string;
}

/** Why a line asks for nothing. Plain text for the person who typed it, not escaped. */
export interface LineProblem {
  readonly problem: string;
}

/** One word of `/upgrade`. */
export interface Subcommand {
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
