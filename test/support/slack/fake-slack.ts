import type { App, Receiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { slackLogger } from '../../../bot/slack/logger.ts';

/** How the next call of a method goes wrong. */
export type Mishap =
  /** Slack says no. */
  | { readonly error: string }
  /** 429: wait that many seconds. */
  | { readonly retryAfter: number }
  | { readonly status: number }
  /** Slack does it, but its answer is lost. */
  | 'answer lost'
  /** Slack never gets it. */
  | 'never arrives';

export interface FakePost {
  readonly channel: string;
  readonly ts: string;
  readonly thread_ts?: string;
  text: string;
  blocks: readonly Record<string, unknown>[];
  readonly metadata?: unknown;
  readonly reply_broadcast?: boolean;
  updates: number;
}

export interface FakeUpload {
  readonly name: string;
  readonly content: string;
  readonly channel: string;
  readonly threadTs?: string;
}

export interface FakeCall {
  readonly method: string;
  readonly args: Record<string, unknown>;
}

/** What one person was told in private. `by` says which way it came. */
export interface FakeEphemeral {
  readonly by: 'response_url' | 'ephemeral' | 'ack';
  readonly user: string;
  readonly text: string;
}

export interface FakeDelivery {
  readonly acks: readonly unknown[];
}

export type FakeSlack = ReturnType<typeof openFakeSlack>;

interface Workspace {
  readonly users?: Readonly<Record<string, object>>;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** The workspaces of an organisation that the app is installed for as a whole; the groups belong to the last one. */
  readonly orgOf?: readonly string[];
  /** Slack keeps metadata; some emulators do not. */
  readonly keepsMetadata?: boolean;
}

/** Slack as the bot sees it, in this process: a receiver for what comes in and a fetch for what goes out. */
export function openFakeSlack({
  users = {},
  groups = {},
  keepsMetadata = true,
  orgOf,
}: Workspace = {}) {
  const calls: FakeCall[] = [];
  const messages: FakePost[] = [];
  const told: FakeEphemeral[] = [];
  const files: FakeUpload[] = [];
  const uploads = new Map<string, { name: string; content: string }>();
  const mishaps = new Map<string, Mishap[]>();
  const askedBy = new Map<string, string>();
  let app: App | undefined;
  let clock = 1_700_000_000;

  const receiver: Receiver = {
    init: (given) => {
      app = given;
    },
    start: async () => {},
    stop: async () => {},
  };

  const methods: Record<string, (args: Record<string, unknown>) => object> = {
    'auth.test': () => ({
      team: 'Acme',
      team_id: 'T1',
      ...(orgOf !== undefined && { enterprise_id: 'E1' }),
      user: 'hopscotch',
      user_id: 'UBOT',
    }),
    'chat.postMessage': (args) => {
      clock += 1;
      const message = { ...args, ts: `${clock}.000100`, updates: 0 } as unknown as FakePost;
      messages.push(message);
      return { ts: message.ts, channel: message.channel };
    },
    'chat.update': ({ ts, channel, text, blocks }) => {
      const message = messages.find((each) => each.ts === ts && each.channel === channel);
      if (message === undefined) return { ok: false, error: 'message_not_found' };
      message.text = String(text);
      message.blocks = (blocks ?? []) as FakePost['blocks'];
      message.updates += 1;
      return { ts };
    },
    'chat.postEphemeral': ({ user, text }) => {
      told.push({ by: 'ephemeral', user: String(user), text: String(text) });
      return { message_ts: '1' };
    },
    'conversations.info': ({ channel }) => ({ channel: { id: channel, is_member: true } }),
    'conversations.history': ({ channel }) => ({
      messages: seen(messages.filter((each) => each.channel === channel && !each.thread_ts)),
    }),
    'conversations.replies': ({ channel, ts }) => ({
      messages: seen(
        messages.filter(
          (each) => each.channel === channel && (each.ts === ts || each.thread_ts === ts),
        ),
      ),
    }),
    'users.info': ({ user }) =>
      users[String(user)] === undefined
        ? { ok: false, error: 'user_not_found' }
        : { user: { id: user, team_id: 'T1', ...users[String(user)] } },
    'auth.teams.list': () =>
      orgOf === undefined
        ? { ok: false, error: 'team_access_not_granted' }
        : { teams: orgOf.map((id) => ({ id })) },
    'usergroups.users.list': ({ usergroup, team_id: team }) =>
      orgOf !== undefined && team === undefined
        ? { ok: false, error: 'missing_argument' }
        : groups[String(usergroup)] === undefined || (orgOf !== undefined && team !== orgOf.at(-1))
          ? { ok: false, error: 'no_such_subteam' }
          : { users: groups[String(usergroup)] },
    'files.getUploadURLExternal': ({ filename }) => {
      const id = `F${uploads.size}`;
      uploads.set(id, { name: String(filename), content: '' });
      return { file_id: id, upload_url: `https://files.slack.test/upload/${id}` };
    },
    'files.completeUploadExternal': ({ files: done, channel_id, thread_ts }) => {
      for (const { id } of done as { id: string }[]) {
        const upload = uploads.get(id);
        if (upload === undefined) return { ok: false, error: 'file_not_found' };
        files.push({ ...upload, channel: String(channel_id), threadTs: String(thread_ts) });
      }
      return { files: done };
    },
    'views.open': () => ({ view: { id: 'V1' } }),
  };

  const seen = (some: readonly FakePost[]) =>
    some
      .toReversed()
      .map(({ metadata, ...rest }) => (keepsMetadata ? { ...rest, metadata } : rest));

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const upload = uploads.get(/^\/upload\/(F\d+)$/.exec(url.pathname)?.[1] ?? '');
    if (upload !== undefined) {
      const [file = ''] = (await new Response(init?.body).formData()).values();
      upload.content = typeof file === 'string' ? file : await file.text();
      return new Response('OK');
    }
    const isResponseUrl = url.pathname.startsWith('/response/');
    const method = isResponseUrl ? 'response_url' : (url.pathname.split('/').at(-1) ?? '');
    const body = typeof init?.body === 'string' ? init.body : '';
    const args = isResponseUrl ? (JSON.parse(body) as Record<string, unknown>) : parse(body);
    calls.push({ method, args });
    const mishap = mishaps.get(method)?.shift();
    if (mishap === 'never arrives') throw new TypeError('fetch failed');
    if (typeof mishap === 'object' && 'status' in mishap) {
      return new Response('no', { status: mishap.status });
    }
    if (typeof mishap === 'object' && 'retryAfter' in mishap) {
      const headers = { 'retry-after': String(mishap.retryAfter) };
      return new Response('', { status: 429, headers });
    }
    if (typeof mishap === 'object') return Response.json({ ok: false, error: mishap.error });
    if (isResponseUrl) {
      const user = askedBy.get(url.pathname) ?? '';
      told.push({ by: 'response_url', user, text: String(args['text']) });
      return new Response('ok');
    }
    const answer = methods[method]?.(args) ?? { ok: false, error: 'unknown_method' };
    if (mishap === 'answer lost') throw new TypeError('fetch failed');
    return Response.json({ ok: true, ...answer });
  };

  async function deliver(body: Record<string, unknown>): Promise<FakeDelivery> {
    const acks: unknown[] = [];
    await app?.processEvent({
      body,
      ack: async (answer: unknown) => {
        acks.push(answer);
      },
    });
    return { acks };
  }

  function responseUrl(user: string): string {
    const path = `/response/${randomUUID()}`;
    askedBy.set(path, user);
    return `https://hooks.slack.test${path}`;
  }

  const command = (user: string, text: string, channel = 'C0OPS') => ({
    command: '/upgrade',
    text,
    user_id: user,
    channel_id: channel,
    team_id: 'T1',
    trigger_id: randomUUID(),
    response_url: responseUrl(user),
  });

  const click = (user: string, actionId: string, value: unknown, channel = 'C0OPS') => ({
    type: 'block_actions',
    team: { id: 'T1', domain: 'acme' },
    user: { id: user, username: user, team_id: 'T1' },
    channel: { id: channel, name: 'ops' },
    container: { type: 'message', message_ts: '1700000000.000100', channel_id: channel },
    message: { type: 'message', ts: '1700000000.000100' },
    actions: [
      {
        type: 'button',
        action_id: actionId,
        block_id: 'b',
        value: typeof value === 'string' ? value : JSON.stringify(value),
        text: { type: 'plain_text', text: 'x' },
        action_ts: '1',
      },
    ],
    trigger_id: randomUUID(),
    response_url: responseUrl(user),
  });

  const submit = (user: string, view: Record<string, unknown>, text: string) => ({
    type: 'view_submission',
    team: { id: 'T1', domain: 'acme' },
    user: { id: user, name: user, team_id: 'T1' },
    view: {
      ...view,
      id: randomUUID(),
      hash: '1.a',
      state: { values: { words: { text: { type: 'plain_text_input', value: text } } } },
    },
  });

  return {
    calls,
    messages,
    told,
    files,
    receiver,
    fetch,
    deliver,
    command,
    click,
    submit,
    /** What goes wrong with the next calls of a method, one each. */
    next: (method: string, ...next: readonly Mishap[]) => {
      mishaps.set(method, [...(mishaps.get(method) ?? []), ...next]);
    },
    /** Everything goes well again with a method. */
    clear: (method: string) => void mishaps.delete(method),
    toldTo: (user: string) => told.filter((each) => each.user === user).map(({ text }) => text),
    callsOf: (method: string) => calls.filter((call) => call.method === method),
  };
}

const parse = (body: string): Record<string, unknown> =>
  Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, value]) => [
      key,
      /^[[{]|^(true|false)$/.test(value) ? (JSON.parse(value) as unknown) : value,
    ]),
  );

/** The product's client of it, which tries nothing again by itself. */
export const clientOfFake = ({ fetch }: Pick<FakeSlack, 'fetch'>, log: Logger): WebClient =>
  new WebClient('xoxb-1', {
    fetch,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: slackLogger(log),
  });
