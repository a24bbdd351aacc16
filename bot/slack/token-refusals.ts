import { accountHint } from '../outbox/slack-errors.ts';

/** What Slack's refusal of a token means, and what a person can do. Codes: docs.slack.dev, apps.connections.open, auth.test. */
export interface TokenRefusal {
  readonly says: string;
  readonly hint: string;
}

export type TokenName = 'SLACK_APP_TOKEN' | 'SLACK_BOT_TOKEN';

/** Slack, not the token, is in trouble: the same call works later. */
const passing: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'org_login_required',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** Undefined for a refusal that passes by itself. An unknown code is none of those: a process that ends is started again. */
export function tokenRefusalOf(
  token: TokenName,
  { code, needed }: { readonly code: string; readonly needed?: string | undefined },
): TokenRefusal | undefined {
  if (passing.has(code)) return undefined;
  const what = token === 'SLACK_APP_TOKEN' ? 'app-level token' : 'bot token';
  const page =
    token === 'SLACK_APP_TOKEN'
      ? '"Basic Information", "App-Level Tokens"'
      : '"OAuth & Permissions"';
  const says = needed === undefined ? code : `${code} (needed: ${needed})`;
  switch (code) {
    case 'missing_scope':
      return {
        says,
        hint:
          token === 'SLACK_APP_TOKEN'
            ? `Generate an app-level token with the scope ${needed ?? 'connections:write'} (${page} of the Slack app) and set ${token}.`
            : `Install the app again with the scopes of manifest.json${needed === undefined ? '' : `; ${needed} is missing`}.`,
      };
    case 'not_allowed_token_type':
      return { says, hint: `${token} is no ${what}: take it from ${page} of the Slack app.` };
    case 'account_inactive':
    case 'user_removed_from_team':
      return {
        says,
        hint: `The app was removed from the workspace: install it again, take its new ${what} and set ${token}.`,
      };
    case 'no_permission':
      return {
        says,
        hint: `The ${what} lacks permissions: install the app again with manifest.json, take its new ${what} and set ${token}.`,
      };
    case 'token_expired':
      return {
        says,
        hint: `Switch token rotation off for the app, or take its new ${what} from ${page} of the Slack app, and set ${token}.`,
      };
    case 'invalid_auth':
      return {
        says,
        hint: `Take the ${what} from ${page} of the Slack app and set ${token}. Where it is right, see the allowed IP addresses of the app ("OAuth & Permissions").`,
      };
    default:
      return {
        says,
        hint:
          accountHint(code) ?? `Take the ${what} from ${page} of the Slack app and set ${token}.`,
      };
  }
}

/** Why Slack closes a socket, by the reason of its `disconnect`. */
export function socketClosureOf(reason: string): { says: string; hint?: string } {
  switch (reason) {
    case 'warning':
    case 'refresh_requested':
      return { says: 'slack wants a new socket, as it does every few hours' };
    case 'too_many_websockets':
      return {
        says: 'slack closed the socket: the app has more than ten of them',
        hint: 'See who else runs with this SLACK_APP_TOKEN; each bot process keeps one socket.',
      };
    case 'link_disabled':
      return {
        says: 'slack closed the socket: Socket Mode is switched off in the settings of the app',
        hint: 'Switch it on again under "Socket Mode" of the Slack app, or run with SLACK_SIGNING_SECRET and PORT.',
      };
    default:
      return { says: `slack closed the socket: ${reason}` };
  }
}

/** Why a request over HTTP is refused (docs.slack.dev, verifying requests from Slack). */
export const requestRefusals = {
  missing: {
    says: 'not signed',
    hint: 'Requests without a signature do not come from Slack: see who reaches this port.',
  },
  stale: {
    says: 'not signed within the last five minutes',
    hint: 'Set the clock of this machine (timedatectl); where it is right, somebody sends old requests again.',
  },
  wrong: {
    says: 'not signed by Slack',
    hint: 'Set SLACK_SIGNING_SECRET to the one of "Basic Information" of the Slack app; where it is, somebody else sends requests.',
  },
} as const satisfies Readonly<Record<string, TokenRefusal>>;
