import { buttonsOfMessage, messagePlace, readMessage } from './reading.ts';
import type { WorkspaceMessage } from './slack.ts';

export const runOfMessage = (message: WorkspaceMessage): string => messagePlace(message).run ?? '';

export const cardOfRun = (
  messages: readonly WorkspaceMessage[],
  run: string,
): WorkspaceMessage | undefined =>
  messages.find(
    (message) => messagePlace(message).place === 'card' && runOfMessage(message) === run,
  );

export const openApproval =
  (run: string) =>
  (messages: readonly WorkspaceMessage[]): WorkspaceMessage | undefined =>
    messages.find(
      (message) =>
        runOfMessage(message) === run && buttonsOfMessage(message).includes('run.approve'),
    );

/** The newest private answer to a person, if it holds the words. */
export const privateAnswer =
  (user: string, words: string) =>
  (messages: readonly WorkspaceMessage[]): WorkspaceMessage | undefined => {
    const last = messages.findLast(({ ephemeral_to }) => ephemeral_to === user);
    return last !== undefined && readMessage(last).join('\n').includes(words) ? last : undefined;
  };

/** The whole thread of a run, once it says how the run ended. */
export const endedThread =
  (run: string, outcome: string) =>
  (messages: readonly WorkspaceMessage[]): WorkspaceMessage[] | undefined => {
    const thread = messages.filter(
      (message) => messagePlace(message).place === 'thread' && runOfMessage(message) === run,
    );
    return thread.flatMap(readMessage).some((line) => line.includes(`Run \`${run}\` ${outcome}`))
      ? thread
      : undefined;
  };

/** `STEP · HOST` for each message of a thread whose first line is like `pattern`. */
export const worksInThread = (thread: readonly WorkspaceMessage[], pattern: RegExp): string[] =>
  thread.flatMap((message) => {
    const found = pattern.exec(readMessage(message)[0] ?? '') ?? [];
    const [step, host] = found.slice(1).filter((word) => word !== undefined);
    return step === undefined ? [] : [`${step} · ${host}`];
  });
