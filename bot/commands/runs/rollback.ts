import type { Action } from '../../../jobs/run/action.ts';
import type { LineProblem, Subcommand } from '../intent.ts';
import type { ActIntent } from './run-action.ts';

export const rollbackSubcommand: Subcommand<ActIntent> = {
  word: 'rollback',
  takes: 'RUN [STEP] [confirm PHRASE] [because REASON]',
  about: 'undo what a run did, last step first',
  more: 'Without STEP: as far back as it goes. With it: back to just before that step, and the run stays paused there. Once a schema or a host has moved, a second person confirms: approve RUN. What no rollback undoes is named in PHRASE. If nobody answers, you can go alone after a while, with REASON.',
  example: 'rollback 7f3a12 stop-nova',
  words: [1, 80],
  intent: ([run = '', ...rest], text) => {
    const wish = wishOf(rest, text);
    return 'problem' in wish ? wish : { do: 'act', run, action: { name: 'rollback', ...wish } };
  },
};

/** `text` is what follows the run as it was typed; its words are in lower case. */
function wishOf(words: readonly string[], text: string): Omit<Action, 'name'> | LineProblem {
  const because = words.indexOf('because');
  const before = because === -1 ? words : words.slice(0, because);
  const confirm = before.indexOf('confirm');
  const [step, odd] = confirm === -1 ? before : before.slice(0, confirm);
  if (odd !== undefined)
    return {
      problem: `I don't know what to do with "${odd}".\n/upgrade rollback RUN [STEP] [confirm PHRASE] [because REASON]\nFor example: /upgrade rollback 7f3a12 stop-nova`,
    };
  const phrase = confirm === -1 ? '' : before.slice(confirm + 1).join(' ');
  const reason = because === -1 ? '' : text.replace(/^.*?\bbecause\s*/is, '');
  return {
    ...(step !== undefined && { step }),
    ...(phrase !== '' && { phrase }),
    ...(reason !== '' && { text: reason }),
  };
}
