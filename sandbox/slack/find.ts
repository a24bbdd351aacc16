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

/** The whole thread of a run, once it says how the run ended and how each stage did. */
export const endedThread =
  (run: string, outcome: string) =>
  (messages: readonly WorkspaceMessage[]): WorkspaceMessage[] | undefined => {
    const thread = messages.filter(
      (message) => messagePlace(message).place === 'thread' && runOfMessage(message) === run,
    );
    const lines = thread.flatMap(readMessage);
    const isEnded = lines.some((line) => line.includes(`Run \`${run}\` ${outcome}`));
    return isEnded && !lines.some((line) => line.startsWith('▸ ')) ? thread : undefined;
  };

/** Steps that one message of a thread tells about, as the card numbers them. */
export interface StageSeen {
  readonly from: number;
  readonly to: number;
  readonly isBack: boolean;
  /** Its first line. */
  readonly line: string;
}

/** What the thread says of stages that are through, or through but for a failure, in the order in which they began. */
export const stagesInThread = (thread: readonly WorkspaceMessage[]): StageSeen[] =>
  thread.flatMap((message) => {
    const [line = ''] = readMessage(message);
    const [, from, to = from, back] = /^[✓✗] (\d+)(?:–(\d+))? {2}(undone: )?/.exec(line) ?? [];
    return from === undefined
      ? []
      : [{ from: Number(from), to: Number(to), isBack: back !== undefined, line }];
  });
