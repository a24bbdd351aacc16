import { access, constants, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { confineServer } from '../hosts/namespace.ts';
import {
  hopscotchApp,
  pretendPeople,
  upgradesChannel,
  type PretendApp,
  type PretendChannel,
  type PretendPerson,
} from './people.ts';
import { submitModal, type ModalAnswer } from './ui-socket.ts';

export interface WorkspaceMessage {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly thread_ts?: string;
  /** The only user who would see it in Slack. */
  readonly ephemeral_to?: string;
  readonly blocks?: readonly MessageBlock[];
}

export interface MessageBlock {
  readonly type: string;
  readonly block_id?: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly BlockElement[];
  readonly [key: string]: unknown;
}

export interface BlockElement {
  readonly action_id?: string;
  readonly value?: string;
  /** Of a button an object, of a line of context a string. */
  readonly text?: string | { readonly text: string };
}

export interface WorkspaceLogEntry {
  readonly direction: string;
  readonly kind: string;
  readonly summary: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface ButtonClick {
  readonly user: string;
  readonly ts: string;
  readonly actionId: string;
  readonly channel?: string;
  /** Given: sent as it is, whatever the message holds. Unset: taken from the message's button of that action id. */
  readonly value?: string;
  readonly blockId?: string;
}

export interface WorkspaceControl {
  /** Types `/upgrade TEXT`. Resolves when the app has acknowledged, or after 5 s. */
  readonly command: (typed: { user: string; text: string; channel?: string }) => Promise<void>;
  readonly click: (click: ButtonClick) => Promise<void>;
  /** Says something as a person. */
  readonly say: (said: {
    user: string;
    text: string;
    channel?: string;
    threadTs?: string;
  }) => Promise<void>;
  readonly messages: (channel?: string) => Promise<WorkspaceMessage[]>;
  /** The replies below `ts`, without the message itself. */
  readonly thread: (ts: string, channel?: string) => Promise<WorkspaceMessage[]>;
  /** What went over the wire, in order, both ways. */
  readonly log: () => Promise<WorkspaceLogEntry[]>;
  /** Forgets messages, modals and the log. */
  readonly reset: () => Promise<void>;
}

export interface LocalWorkspace extends PretendApp {
  readonly port: number;
  /** The web page. */
  readonly url: string;
  readonly apiUrl: string;
  readonly control: WorkspaceControl;
  /** What the files hold that were uploaded. */
  readonly uploads: () => Promise<string[]>;
  /** Submits the modal on top; there is one stack for all users. */
  readonly submitModal: (submission: { user: string; values: unknown }) => Promise<ModalAnswer>;
  /** Asks until `find` answers something else than undefined or false; the error says `what` and shows the messages. */
  readonly waitFor: <T>(
    find: (messages: WorkspaceMessage[]) => T | undefined | false,
    wanted: { what: string; deadlineMs?: number; channel?: string },
  ) => Promise<T>;
  readonly stop: () => Promise<void>;
}

interface Options {
  /** Holds the configuration and the uploaded files. */
  readonly dir: string;
  readonly port?: number;
  readonly users?: readonly PretendPerson[];
  readonly channels?: readonly PretendChannel[];
  readonly app?: PretendApp;
  /** Events come by HTTP to this loopback port (path /slack/events); unset: Socket Mode. */
  readonly requestPort?: number;
  readonly log?: (line: string) => void;
}

/** Starts a local Slack workspace that only this machine reaches. */
export async function startWorkspace(options: Options): Promise<LocalWorkspace> {
  const {
    dir,
    users = Object.values(pretendPeople),
    channels = [upgradesChannel],
    app = hopscotchApp,
  } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const config = join(dir, 'slack.json');
  const files = join(dir, 'files');
  await writeFile(config, JSON.stringify(configuration({ users, channels, app }, options)));
  const binary = await findBinary();
  const server = await confineServer({
    name: 'the local Slack workspace',
    ready: /Web UI:/,
    server: (port) => [
      binary,
      ...words({ config, port, 'base-host': '127.0.0.1', 'files-dir': files }),
    ],
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.requestPort === undefined ? {} : { reachable: options.requestPort }),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
  const url = `http://127.0.0.1:${server.port}`;
  const control = controlOf(url, channels[0]?.id ?? upgradesChannel.id);
  return {
    ...app,
    port: server.port,
    url,
    apiUrl: `${url}/api/`,
    control,
    uploads: () => textsIn(files),
    submitModal: (submission) => submitModal({ port: server.port, ...submission }),
    waitFor: (find, wanted) => waitFor(control, find, wanted),
    stop: server.stop,
  };
}

async function textsIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
}

const words = (flags: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** The optional npm package where there is one for this platform, else what the PATH has. */
async function findBinary(): Promise<string> {
  try {
    const manifest = createRequire(import.meta.url).resolve('local-slack-linux-x64/package.json');
    const binary = join(dirname(manifest), 'bin', 'local-slack');
    await access(binary, constants.X_OK);
    return binary;
  } catch {
    return 'local-slack';
  }
}

function configuration(
  { users, channels, app }: Required<Pick<Options, 'users' | 'channels' | 'app'>>,
  { requestPort }: Options,
) {
  const mode =
    requestPort === undefined
      ? { mode: 'socket' }
      : { mode: 'events', requestUrl: `http://127.0.0.1:${requestPort}/slack/events` };
  return {
    workspace: { name: 'Hopscotch sandbox', domain: 'sandbox', teamId: 'T00SANDBOX' },
    apps: [{ ...app, ...mode }],
    users: users.map(({ id, name, realName }) => ({ id, name, real_name: realName, tz: 'UTC' })),
    channels: channels.map((channel) => ({
      ...channel,
      members: [app.botUserId, ...users.map(({ id }) => id)],
    })),
  };
}

function controlOf(url: string, home: string): WorkspaceControl {
  const get = async (path: string) => JSON.parse(await answer(`${url}/_control/${path}`));
  const post = async (path: string, body: unknown) => {
    await answer(`${url}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  };
  const messages = async (channel = home): Promise<WorkspaceMessage[]> =>
    (await get(`messages/${channel}`)).messages;
  return {
    messages,
    command: ({ user, text, channel = home }) =>
      post('command', { user, channel, command: '/upgrade', text }),
    click: async ({ user, ts, actionId, channel = home, value, blockId }) => {
      const found =
        value === undefined ? buttonOf(await messages(channel), ts, actionId) : { value };
      await post('interact', {
        channel,
        user,
        messageTs: ts,
        action: {
          type: 'button',
          action_id: actionId,
          ...found,
          ...(blockId === undefined ? {} : { block_id: blockId }),
        },
      });
    },
    say: ({ user, text, channel = home, threadTs }) =>
      post('message', { user, channel, text, thread_ts: threadTs }),
    thread: async (ts, channel = home) =>
      (await messages(channel)).filter((message) => message.thread_ts === ts && message.ts !== ts),
    log: async () => (await get('log')).log,
    reset: () => post('reset', {}),
  };
}

async function answer(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`${url}: ${response.status}: ${text}`);
}

function buttonOf(messages: readonly WorkspaceMessage[], ts: string, actionId: string) {
  const blocks = messages.find((message) => message.ts === ts)?.blocks ?? [];
  for (const { block_id, elements = [] } of blocks) {
    const button = elements.find(({ action_id }) => action_id === actionId);
    if (button !== undefined) return { value: button.value, block_id };
  }
  const there = blocks.flatMap(({ elements = [] }) => elements.map(({ action_id }) => action_id));
  throw new Error(`message ${ts} has no button ${actionId}; it has: ${there.join(', ') || 'none'}`);
}

async function waitFor<T>(
  control: WorkspaceControl,
  find: (messages: WorkspaceMessage[]) => T | undefined | false,
  { what, deadlineMs = 30_000, channel }: { what: string; deadlineMs?: number; channel?: string },
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const messages = await control.messages(channel);
    const found = find(messages);
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      const seen = messages.map(({ user, text }) => `  ${user}: ${text}`).join('\n');
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}; the channel says:\n${seen}`);
    }
    await sleep(50);
  }
}
