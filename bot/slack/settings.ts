import type { Secret } from '../../jobs/ssh/secret.ts';
import type { SlackAccount } from './app.ts';

/** How Slack reaches the bot: through a connection that the bot opens, or by requests to a port of it. */
export type SlackMode =
  | { readonly type: 'socket'; readonly appToken: Secret }
  | {
      readonly type: 'http';
      readonly signingSecret: Secret;
      readonly port: number;
      /** The address to listen on. Unset: every interface. */
      readonly host?: string;
    };

export interface SlackConfig {
  readonly botToken: Secret;
  readonly mode: SlackMode;
  /** Ends in a slash. Unset: Slack itself. */
  readonly apiUrl?: string;
}

/** The settings with their secrets told, as the app wants them. */
export function slackAccountOf({ botToken, mode, apiUrl }: SlackConfig): SlackAccount {
  return {
    botToken: botToken.reveal(),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    inbound:
      mode.type === 'socket'
        ? { mode: 'socket', appToken: mode.appToken.reveal() }
        : {
            mode: 'http',
            signingSecret: mode.signingSecret.reveal(),
            port: mode.port,
            ...(mode.host === undefined ? {} : { host: mode.host }),
          },
  };
}
