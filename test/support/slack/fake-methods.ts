/** What Slack's Web API answers, on what a test keeps of it. */

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

/** What one person was told in private. `by` says which way it came. */
export interface FakeEphemeral {
  readonly by: 'response_url' | 'ephemeral' | 'ack';
  readonly user: string;
  readonly text: string;
}

export interface FakeWorkspace {
  readonly users?: Readonly<Record<string, object>>;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** The workspaces of an organisation that the app is installed for as a whole; the groups belong to the last one. */
  readonly orgOf?: readonly string[];
  /** Slack keeps metadata; some emulators do not. */
  readonly keepsMetadata?: boolean;
}

/** What a workspace holds by now. */
export interface FakeHoldings {
  readonly messages: FakePost[];
  readonly told: FakeEphemeral[];
  readonly files: FakeUpload[];
  readonly uploads: Map<string, { name: string; content: string }>;
}

type Methods = Readonly<Record<string, (args: Record<string, unknown>) => object>>;

export const fakeMethods = (workspace: FakeWorkspace, holdings: FakeHoldings): Methods => ({
  'views.open': () => ({ view: { id: 'V1' } }),
  'views.push': () => ({ view: { id: 'V2' } }),
  'views.update': () => ({ view: { id: 'V1' } }),
  ...posting(holdings),
  ...reading(workspace, holdings),
  ...people(workspace),
  ...filing(holdings),
});

function posting({ messages, told }: FakeHoldings): Methods {
  let clock = 1_700_000_000;
  return {
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
    'chat.getPermalink': ({ channel, message_ts: ts }) => ({
      permalink: `https://staging.slack.test/archives/${String(channel)}/p${String(ts)}`,
    }),
    'chat.postEphemeral': ({ user, text }) => {
      told.push({ by: 'ephemeral', user: String(user), text: String(text) });
      return { message_ts: '1' };
    },
  };
}

function reading(
  { keepsMetadata = true }: FakeWorkspace,
  { messages, files }: FakeHoldings,
): Methods {
  const seen = (some: readonly FakePost[]) =>
    some
      .toReversed()
      .map(({ metadata, ...rest }) => (keepsMetadata ? { ...rest, metadata } : rest));
  return {
    'conversations.info': ({ channel }) => ({ channel: { id: channel, is_member: true } }),
    'conversations.history': ({ channel }) => ({
      messages: seen(messages.filter((each) => each.channel === channel && !each.thread_ts)),
    }),
    'conversations.replies': ({ channel, ts }) => ({
      messages: [
        ...seen(
          messages.filter(
            (each) => each.channel === channel && (each.ts === ts || each.thread_ts === ts),
          ),
        ),
        ...files
          .filter((file) => file.channel === channel && file.threadTs === ts)
          .map(({ name }) => ({ files: [{ name, mode: 'hosted' }] })),
      ],
    }),
  };
}

function people({ users = {}, groups = {}, orgOf }: FakeWorkspace): Methods {
  return {
    'auth.test': () => ({
      team: 'Acme',
      team_id: 'T1',
      ...(orgOf !== undefined && { enterprise_id: 'E1' }),
      user: 'hopscotch',
      user_id: 'UBOT',
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
  };
}

function filing({ uploads, files }: FakeHoldings): Methods {
  return {
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
  };
}
