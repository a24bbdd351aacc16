import type { EdgeProduct } from './edge-product.ts';
import type { Outages } from './outage.ts';

/** What Slack answers to every call, or to one, and whether its sockets go. */
const answers =
  (error: string, ...methods: readonly string[]) =>
  ({ slack }: EdgeProduct): void => {
    for (const method of methods) slack.answer(method, { ok: false, error });
    if (methods.includes('apps.connections.open')) slack.cut();
  };

const unanswered =
  (...methods: readonly string[]) =>
  ({ slack }: EdgeProduct): void => {
    for (const method of methods) slack.answer(method, undefined);
  };

const messages = ['chat.postMessage', 'chat.update', 'chat.postEphemeral'];
const sockets = 'apps.connections.open';
const ended = /process ended; starting it again/;

export const slackOutages: Outages = {
  'Slack limits every call': {
    make: ({ slack }) => slack.fail('*', 429, { 'retry-after': '30' }),
    says: /429|limit/i,
    mend: unanswered('*'),
  },
  'Slack answers 500': {
    make: ({ slack }) => {
      slack.fail('*', 500);
      slack.cut();
    },
    says: /500/,
    mend: unanswered('*'),
  },
  'Slack is in trouble': {
    make: answers('internal_error', '*', sockets),
    says: /internal_error/,
    mend: unanswered('*', sockets),
  },
  'Slack archived the channel': {
    make: answers('is_archived', ...messages),
    says: /takes no messages in channel .*is_archived/,
    mend: unanswered(...messages),
  },
  'Slack revoked the bot token': {
    make: answers('token_revoked', ...messages, 'auth.test', 'users.info', 'conversations.replies'),
    says: /takes no messages from us: token_revoked/,
    mend: unanswered(...messages, 'auth.test', 'users.info', 'conversations.replies'),
  },
  'Slack switched Socket Mode off': {
    make: ({ slack }) => {
      slack.say({ type: 'disconnect', reason: 'link_disabled' });
      slack.answer(sockets, { ok: false, error: 'internal_error' });
    },
    says: /Socket Mode is switched off/,
    mend: unanswered(sockets),
  },
  'Slack is silent': {
    make: ({ slack }) => slack.fallSilent(),
    says: /aborted due to timeout/,
    mend: ({ slack }) => slack.speak(),
  },
  'Slack is gone': {
    make: ({ slack }) => slack.die(),
    says: /ECONNREFUSED|fetch failed/,
    mend: ({ slack }) => slack.live(),
  },
  ...Object.fromEntries(
    // Those after which Slack's own client asks no more, and some for which it asks for ever.
    ['not_authed', 'account_inactive', 'user_removed_from_team', 'team_disabled', 'missing_scope']
      .concat('invalid_auth')
      .map((code) => [
        `Slack refuses the app token: ${code}`,
        { make: answers(code, sockets), says: ended, mend: unanswered(sockets) },
      ]),
  ),
};
