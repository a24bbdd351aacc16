import { setTimeout as sleep } from 'node:timers/promises';
import { messagePlace, readMessage, buttonWords, type MessagePlace } from '../slack/reading.ts';
import { pretendPeople, type PretendPerson } from '../slack/people.ts';
import type { WorkspaceMessage, LocalWorkspace } from '../slack/slack.ts';

/** Where a scripted story is played: it acts as people do, tells what is seen line by line, and keeps count. */
export interface StoryStage {
  /** Begins a part, in which a message of a thread is told in up to so many lines, 12 unless told otherwise. */
  readonly part: (title: string, threadLines?: number) => void;
  readonly tell: (line: string) => void;
  /** A person types `/upgrade TEXT`. */
  readonly type: (person: PretendPerson, text: string) => Promise<void>;
  /** A person presses a button of a message as they see it, even if it has changed since. */
  readonly press: (
    person: PretendPerson,
    message: WorkspaceMessage,
    action: string,
  ) => Promise<void>;
  /** Waits for something in the channel, and tells whatever is new there. Throws after a minute without any news. */
  readonly until: <T>(
    what: string,
    find: (messages: WorkspaceMessage[]) => T | undefined,
  ) => Promise<T>;
  /** What the files hold that were uploaded so far. */
  readonly uploads: LocalWorkspace['uploads'];
  /** A tick when it holds, else a cross with what was found instead. */
  readonly expect: (what: string, holds: boolean, instead?: string) => void;
  readonly crosses: () => number;
  readonly ticks: () => number;
}

const silenceMs = 60_000;

export function openStoryStage(
  { control, uploads }: LocalWorkspace,
  print: (line: string) => void,
): StoryStage {
  const told = new Map<string, readonly string[]>();
  let [ticks, crosses] = [0, 0];
  let newsAt = Date.now();
  let most = 12;
  const narrate = (message: WorkspaceMessage): void => {
    if (message.user in byId) return;
    const lines = readMessage(message);
    const before = told.get(message.ts);
    if (before === undefined && message.thread_ts === undefined) print('');
    if (before?.join('\n') !== lines.join('\n')) newsAt = Date.now();
    const fresh = lines.filter((each) => each !== '' && before?.includes(each) !== true);
    const shown = message.thread_ts === undefined ? fresh : briefly(fresh, most);
    for (const line of shown) print(`${labelOf(message).padEnd(13)}│ ${line}`);
    told.set(message.ts, lines);
  };
  const look = async (): Promise<WorkspaceMessage[]> => {
    const messages = await control.messages();
    for (const message of messages) narrate(message);
    return messages;
  };
  return {
    part: (title, threadLines = 12) => {
      most = threadLines;
      print(`\n── ${title} ${'─'.repeat(Math.max(3, 90 - title.length))}`);
    },
    tell: print,
    type: async ({ id, name }, text) => {
      print(`\n${name} types /upgrade ${text}`);
      await control.command({ user: id, text });
    },
    press: async ({ id, name }, message, actionId) => {
      const { words, value, blockId } = buttonOf(message, actionId);
      print(`\n${name} presses [${words}]`);
      await control.click({ user: id, ts: message.ts, actionId, value, blockId });
    },
    until: async (what, find) => {
      newsAt = Date.now();
      for (;;) {
        const found = find(await look());
        if (found !== undefined) return found;
        if (Date.now() - newsAt > silenceMs)
          throw new Error(`waited in vain for ${what}: nothing new for a minute`);
        await sleep(100);
      }
    },
    expect: (what, holds, instead) => {
      print(`  ${holds ? '✓' : '✗'} ${what}`);
      if (!holds && instead !== undefined) print(instead.replaceAll(/^/gm, '      '));
      if (holds) ticks += 1;
      else crosses += 1;
    },
    uploads,
    crosses: () => crosses,
    ticks: () => ticks,
  };
}

const briefly = (lines: readonly string[], most: number): string[] =>
  lines.length <= most
    ? [...lines]
    : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more lines`];

const byId: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(pretendPeople).map(({ id, name }) => [id, name]),
);

const labels: Readonly<Record<MessagePlace, string>> = {
  card: 'card',
  approval: 'approval',
  alarm: 'alarm',
  thread: '  thread',
  private: 'to',
  other: 'hopscotch',
};

const labelOf = (message: WorkspaceMessage): string => {
  const { place } = messagePlace(message);
  return place === 'private' ? `to ${byId[message.ephemeral_to ?? ''] ?? 'one'}` : labels[place];
};

interface Button {
  readonly words: string;
  readonly value: string;
  readonly blockId: string;
}

function buttonOf({ ts, blocks = [] }: WorkspaceMessage, actionId: string): Button {
  for (const { block_id: blockId = '', elements = [] } of blocks) {
    const button = elements.find(({ action_id }) => action_id === actionId);
    if (button === undefined) continue;
    return { words: buttonWords(button) ?? actionId, value: button.value ?? '', blockId };
  }
  throw new Error(`message ${ts} has no button ${actionId}`);
}
