import { buttonsOf, placeOf, read } from './reading.ts';
import type { Message } from './slack.ts';

export const runOf = (message: Message): string => placeOf(message).run ?? '';

export const cardOf = (messages: readonly Message[], run: string): Message | undefined =>
  messages.find((message) => placeOf(message).place === 'card' && runOf(message) === run);

export const openApproval =
  (run: string) =>
  (messages: readonly Message[]): Message | undefined =>
    messages.find(
      (message) => runOf(message) === run && buttonsOf(message).includes('run.approve'),
    );

/** The newest private answer to a person, if it holds the words. */
export const privately =
  (user: string, words: string) =>
  (messages: readonly Message[]): Message | undefined => {
    const last = messages.findLast(({ ephemeral_to }) => ephemeral_to === user);
    return last !== undefined && read(last).join('\n').includes(words) ? last : undefined;
  };

/** The whole thread of a run, once it says how the run ended. */
export const ended =
  (run: string, outcome: string) =>
  (messages: readonly Message[]): Message[] | undefined => {
    const thread = messages.filter(
      (message) => placeOf(message).place === 'thread' && runOf(message) === run,
    );
    return thread.flatMap(read).some((line) => line.includes(`Run \`${run}\` ${outcome}`))
      ? thread
      : undefined;
  };

/** `STEP · HOST` for each message of a thread whose first line is like `pattern`. */
export const worksOf = (thread: readonly Message[], pattern: RegExp): string[] =>
  thread.flatMap((message) => {
    const found = pattern.exec(read(message)[0] ?? '') ?? [];
    const [step, host] = found.slice(1).filter((word) => word !== undefined);
    return step === undefined ? [] : [`${step} · ${host}`];
  });
