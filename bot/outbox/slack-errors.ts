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
const unsure = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);

/** Slack did nothing, and will later: it limits, or moves the workspace, and says so without a time to wait. */
const passing = new Set(['rate_limited', 'ratelimited', 'team_added_to_org']);

/** The message to change is not there any more, or Slack does not let us change it. */
export const unchangeableCodes: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'thread_not_found',
]);

/** Slack does not take the message as it is. */
export const isMalformedMessage = (code: string): boolean =>
  /^invalid_blocks|^msg_(too_long|blocks_too_long)$|^no_text$|^metadata_/.test(code);

/** What a person can do about a refusal, for the log and for answers. */
export function slackHint(code: string, channel: string): string {
  switch (code) {
    case 'channel_not_found':
      return `Check the channel in the cloud's file; a private channel has to invite the bot first.`;
    case 'not_in_channel':
      return `Invite the bot there: open the channel ${channel} and type /invite with its name.`;
    case 'is_archived':
      return `Channel ${channel} is archived: give the cloud's file another one.`;
    case 'missing_scope':
      return 'Install the app again with the scopes of manifest.json.';
    case 'restricted_action':
    case 'restricted_action_read_only_channel':
    case 'restricted_action_thread_only_channel':
    case 'restricted_action_non_threadable_channel':
    case 'restricted_action_thread_locked':
      return `Channel ${channel} does not let the bot post, or post in threads: change that in the settings of the channel.`;
    case 'message_limit_exceeded':
      return 'The workspace posts more than its plan allows: ask its administrators.';
    case 'team_access_not_granted':
    case 'access_denied':
    case 'no_permission':
    case 'ekm_access_denied':
    case 'org_login_required':
    case 'enterprise_is_restricted':
      return 'The workspace or its organisation shut the app out: ask its administrators.';
    case 'invalid_blocks':
    case 'invalid_blocks_format':
    case 'msg_too_long':
    case 'msg_blocks_too_long':
      return 'The message is posted as plain text. Please report what it should have shown.';
    case 'invalid_auth':
    case 'not_authed':
    case 'token_revoked':
    case 'token_expired':
    case 'account_inactive':
      return 'SLACK_BOT_TOKEN is not accepted: install the app again and take its new token.';
    default:
      return `Look for the error ${code} on docs.slack.dev.`;
  }
}
