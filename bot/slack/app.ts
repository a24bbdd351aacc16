import { App, type Receiver } from '@slack/bolt';
import { WebAPIPlatformError, type WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { HttpReceiver } from './http.ts';
import { listenToSlack, type SlackIntake } from './intake.ts';
import { type LookIntake, listenToLooks } from './looks.ts';
import { slackLogger } from './logger.ts';
import { socketReceiver } from './socket.ts';
import { type TokenName, tokenRefusalOf } from './token-refusals.ts';

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
  /** Rejects when Slack does not let us in. */
  readonly start: () => Promise<void>;
  /** Resolves when Slack lets us in no more, after it did, and asking again cannot help. */
  readonly shutOut: Promise<OperatorError>;
  /** Takes nothing new from Slack any more. */
  readonly stop: () => Promise<void>;
}

export function createSlackApp(
  slack: SlackAccount,
  intake: Omit<SlackIntake & LookIntake, 'log'>,
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
  const { shutOut, refused } = shutOutLatch();
  const app = new App({
    token: slack.botToken,
    receiver: receiverOf(slack, { clientOptions, log, refused }),
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
  listenToLooks(app, { ...intake, log });
  return {
    client: app.client,
    start: async () => {
      await greet(app.client, log);
      const { inbound } = slack;
      if (inbound.mode === 'http') {
        const host = inbound.host === undefined ? {} : { host: inbound.host };
        await app.start({ port: inbound.port, ...host });
      } else await firstOf(accepted('SLACK_APP_TOKEN', app.start()), shutOut);
    },
    shutOut,
    stop: async () => {
      await app.stop();
    },
  };
}

function shutOutLatch(): Pick<SlackApp, 'shutOut'> & Pick<Receiving, 'refused'> {
  let resolve: ((error: OperatorError) => void) | undefined;
  const shutOut = new Promise<OperatorError>((done) => (resolve = done));
  return { shutOut, refused: (error) => resolve?.(error) };
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

async function accepted<T>(token: TokenName, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof WebAPIPlatformError)) throw error;
    const { error: code } = error.data;
    const refusal = tokenRefusalOf(token, { code });
    if (refusal === undefined) throw error;
    throw new OperatorError(`calling Slack with ${token}: Slack says ${refusal.says}`, {
      hint: refusal.hint,
      name: 'SlackRefused',
      cause: error,
    });
  }
}

/** After some refusals the start neither ends nor fails. */
async function firstOf(start: Promise<unknown>, shutOut: Promise<OperatorError>): Promise<void> {
  start.catch(() => {}); // it may fail as well, when it is too late
  const refusal = shutOut.then((error) => {
    throw error;
  });
  await Promise.race([start, refusal]);
}

interface Receiving {
  readonly clientOptions: WebClientOptions;
  readonly log: Logger;
  readonly refused: (error: OperatorError) => void;
}

function receiverOf(
  { inbound }: SlackAccount,
  { clientOptions, log, refused }: Receiving,
): Receiver {
  switch (inbound.mode) {
    case 'given':
      return inbound.receiver;
    case 'http':
      return new HttpReceiver({ signingSecret: inbound.signingSecret, log });
    case 'socket':
      return socketReceiver({ appToken: inbound.appToken, clientOptions, log, refused });
  }
}
