import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';

/** What a call to Slack that did not work means for us. */
export type SlackSetback =
  /** Slack said no, and did nothing. */
  | { readonly is: 'refused'; readonly code: string }
  /** Slack did nothing and wants to be left alone for a while. */
  | { readonly is: 'limited'; readonly retryAfterMs: number }
  /** Slack may or may not have done it. */
  | { readonly is: 'unclear'; readonly why: string };

/** Throws the error again when it does not come from a call to Slack: then it is a bug. */
export function slackSetback(error: unknown): SlackSetback {
  if (error instanceof WebAPIRateLimitedError) {
    return { is: 'limited', retryAfterMs: Math.max(1, error.retryAfter) * 1000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: code } = error.data;
    if (passing.has(code)) return { is: 'limited', retryAfterMs: 30_000 };
    return unsure.has(code) ? { is: 'unclear', why: code } : { is: 'refused', code };
  }
  if (error instanceof WebAPIHTTPError || error instanceof WebAPIRequestError) {
    return { is: 'unclear', why: error.message };
  }
  throw error;
}

/** "It's possible some aspect of the operation succeeded before the error was raised" (docs.slack.dev, chat.postMessage). */
const unsure = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'update_failed',
]);

/**
 * Slack did nothing, and will later: it limits, or moves the workspace or the channel to an organisation, and says so
 * without a time to wait.
 */
const passing = new Set([
  'external_channel_migrating',
  'org_login_required',
  'rate_limited',
  'ratelimited',
  'team_added_to_org',
]);

/** The message to change is not there any more, or Slack does not let us change it. */
export const unchangeableCodes: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
]);

/** Slack takes nothing from us in this channel, until somebody changes that (docs.slack.dev, chat.postMessage and chat.update). */
const aboutChannel: ReadonlySet<string> = new Set([
  'channel_not_found',
  'is_archived',
  'is_inactive',
  'no_permission',
  'not_in_channel',
  'posting_to_channel_denied',
  'restricted_action',
  'restricted_action_read_only_channel',
]);

/** Slack takes nothing from us in any channel, until somebody changes that. */
const aboutUs: ReadonlySet<string> = new Set([
  'access_denied',
  'accesslimited',
  'account_inactive',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_auth',
  'message_limit_exceeded',
  'missing_scope',
  'not_allowed_token_type',
  'not_authed',
  'team_access_not_granted',
  'team_not_found',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
  'user_removed_from_team',
]);

export const isAboutUs = (code: string): boolean => aboutUs.has(code);

/** Slack takes nothing now; the same message may be taken later, when somebody has let us in again. */
export const isShutOut = (code: string): boolean => aboutUs.has(code) || aboutChannel.has(code);

/** The same, whatever it is asked for: each method has a scope of its own. */
export const isShutOutOfAll = (code: string): boolean =>
  isShutOut(code) && code !== 'missing_scope';

/** Slack does not take the message as it is. */
export const isMalformedMessage = (code: string): boolean =>
  /^invalid_(blocks|metadata|attachments)|^msg_(too_long|blocks_too_long)$|^no_text$|^metadata_|^block_mismatch$/.test(
    code,
  );

/** What a person can do about a refusal, for the log and for answers. */
export function slackHint(code: string, channel: string): string {
  switch (code) {
    case 'channel_not_found':
      return `Check the channel in the cloud's file. A private channel that removed the bot answers so too: invite the bot to ${channel} again.`;
    case 'not_in_channel':
    case 'no_permission':
      return `Invite the bot there: open the channel ${channel} and type /invite with its name.`;
    case 'is_archived':
    case 'is_inactive':
      return `Channel ${channel} is archived: unarchive it and invite the bot, or give the cloud's file another one for the next runs.`;
    case 'missing_scope':
      return 'Install the app again with the scopes of manifest.json.';
    case 'restricted_action':
    case 'restricted_action_read_only_channel':
    case 'restricted_action_thread_only_channel':
    case 'restricted_action_non_threadable_channel':
    case 'restricted_action_thread_locked':
    case 'posting_to_channel_denied':
      return `Channel ${channel} does not let the bot post, or post in threads: change that in the settings of the channel.`;
    case 'message_limit_exceeded':
      return 'The workspace posts more than its plan allows: ask its administrators.';
    case 'invalid_auth':
      return 'SLACK_BOT_TOKEN is not accepted: install the app again and take its new token. Where it is right, see the allowed IP addresses of the app ("OAuth & Permissions").';
    case 'not_allowed_token_type':
      return 'SLACK_BOT_TOKEN is no bot token: take it from "OAuth & Permissions" of the Slack app.';
    case 'not_authed':
    case 'token_revoked':
    case 'token_expired':
      return 'SLACK_BOT_TOKEN is not accepted: install the app again and take its new token.';
    case 'account_inactive':
      return 'The app was removed from the workspace, or the workspace deleted: install the app again and take its new token.';
    case 'external_channel_migrating':
    case 'org_login_required':
    case 'team_added_to_org':
      return 'Nothing: Slack moves the workspace or the channel, and takes messages again when that is done.';
    default:
      return isMalformedMessage(code)
        ? 'The message is posted as plain text. Please report what it should have shown.'
        : (accountHint(code) ?? `Look for the error ${code} on docs.slack.dev.`);
  }
}

/** What the administrators of the workspace decided about us ("Errors" of every method page on docs.slack.dev). */
export function accountHint(code: string): string | undefined {
  switch (code) {
    case 'accesslimited':
      return 'The workspace lets nobody in from this network: ask its administrators to allow the address of this machine.';
    case 'ekm_access_denied':
      return 'Administrators suspended access (Enterprise Key Management): ask them.';
    case 'enterprise_is_restricted':
      return 'The app cannot do this in an organisation (Enterprise Grid): install it in the workspace itself.';
    case 'two_factor_setup_required':
      return 'The workspace demands two-factor authentication, which the account that installed the app has not set up: set it up, or ask the administrators.';
    case 'team_access_not_granted':
    case 'team_not_found':
      return 'The organisation has not given the app this workspace: ask its administrators to add it.';
    case 'access_denied':
    case 'forbidden_team':
    case 'team_disabled':
      return 'The workspace does not let the app in: ask its administrators whether the workspace is active and the app approved.';
    case 'user_removed_from_team':
      return 'The app was removed from the workspace: install it again and take its new tokens.';
    default:
      return undefined;
  }
}
