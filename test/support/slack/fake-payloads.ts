import { randomUUID } from 'node:crypto';

interface FakePresser {
  readonly user: string;
  readonly responseUrl: string;
}

/** What Slack delivers when somebody types a slash command. */
export const commandPayload = (
  { user, responseUrl }: FakePresser,
  text: string,
  channel: string,
) => ({
  command: '/upgrade',
  text,
  user_id: user,
  channel_id: channel,
  team_id: 'T1',
  trigger_id: randomUUID(),
  response_url: responseUrl,
});

/** What Slack delivers when somebody presses a button. */
export const clickPayload = (
  { user, responseUrl }: FakePresser,
  actionId: string,
  value: unknown,
  channel: string,
) => ({
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
  response_url: responseUrl,
});

/** What Slack delivers when somebody submits a dialog. */
export const submitPayload = (user: string, view: Record<string, unknown>, text: string) => ({
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
