import { App, HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { WebAPIPlatformError, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { listenToSlack, type SlackIntake } from './intake.ts';
import { slackLogger } from './logger.ts';

/** How Slack reaches us: over a socket that we open, or by signed HTTP requests. */
export type SlackInbound =
  | { readonly mode: 'socket'; readonly appToken: string }
  | {
      readonly mode: 'http';
      readonly signingSecret: string;
      readonly port: number;
      /** The address to listen on. Unset: every interface. */
      readonly host?: string;
    }
  /** For tests: whoever holds the receiver calls `processEvent`. */
  | { readonly mode: 'given'; readonly receiver: Receiver };

export interface SlackAccount {
  readonly inbound: SlackInbound;
  readonly botToken: string;
  /** Unset: Slack's own. */
  readonly apiUrl?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** How long one call to Slack may take. */
  readonly timeoutMs?: number;
}

export interface SlackApp {
  readonly client: App['client'];
  readonly start: () => Promise<void>;
  /** Takes nothing new from Slack any more. */
  readonly stop: () => Promise<void>;
}

export function createSlackApp(
  slack: SlackAccount,
  intake: Omit<SlackIntake, 'log'>,
  log: Logger,
): SlackApp {
  const logger = slackLogger(log);
  const clientOptions: WebClientOptions = {
    logger,
    ...(slack.apiUrl === undefined ? {} : { slackApiUrl: slack.apiUrl }),
    ...(slack.fetch === undefined ? {} : { fetch: slack.fetch }),
    timeout: slack.timeoutMs ?? 5000,
    // A post that is sent again after a lost answer stands there twice; whoever calls knows what may be repeated.
    retryConfig: { retries: 0 },
    // Otherwise one 429 holds back every call of every run.
    rejectRateLimitedCalls: true,
  };
  const app = new App({
    token: slack.botToken,
    receiver: receiverOf(slack, clientOptions),
    clientOptions,
    logger,
    // It would ask before every listener is there and end the process when Slack is away; `greet` asks.
    tokenVerificationEnabled: false,
    convoStore: false,
  });
  app.error(async (error) => {
    log.error({ err: error }, 'a listener ended early');
  });
  listenToSlack(app, { ...intake, log });
  return {
    client: app.client,
    start: async () => {
      await greet(app.client, log);
      const { inbound } = slack;
      if (inbound.mode === 'http') {
        const host = inbound.host === undefined ? {} : { host: inbound.host };
        await app.start({ port: inbound.port, ...host });
      } else await accepted('SLACK_APP_TOKEN', app.start());
    },
    stop: async () => {
      await app.stop();
    },
  };
}

/** Tells a wrong token at once. A Slack that does not answer is waited for elsewhere. */
async function greet({ auth }: App['client'], log: Logger): Promise<void> {
  try {
    const { team, user } = await accepted('SLACK_BOT_TOKEN', auth.test());
    log.info({ team, user }, 'slack knows us');
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    log.warn({ err: error }, 'slack did not say who we are');
  }
}

async function accepted<T>(token: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof WebAPIPlatformError)) throw error;
    throw new OperatorError(`calling Slack with ${token}: Slack says ${error.data.error}`, {
      hint: `Take the token from the pages of the Slack app and set ${token}.`,
      name: 'SlackRefused',
      cause: error,
    });
  }
}

function receiverOf({ inbound }: SlackAccount, clientOptions: WebClientOptions): Receiver {
  switch (inbound.mode) {
    case 'given':
      return inbound.receiver;
    case 'http':
      return new HTTPReceiver({
        signingSecret: inbound.signingSecret,
        ...(clientOptions.logger === undefined ? {} : { logger: clientOptions.logger }),
      });
    case 'socket':
      return new SocketModeReceiver({
        appToken: inbound.appToken,
        ...(clientOptions.logger === undefined ? {} : { logger: clientOptions.logger }),
        installerOptions: {
          // Its own options: it asks for a new socket until it gets one. Without them it would also write its number
          // of retries into the options that all other calls share.
          clientOptions: {
            ...clientOptions,
            retryConfig: { retries: 1_000_000, factor: 1.3, minTimeout: 1000, maxTimeout: 15_000 },
          },
        },
      });
  }
}
