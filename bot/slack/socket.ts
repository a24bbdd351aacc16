import { SocketModeReceiver } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { parsedJson } from '../actions/parsed-json.ts';
import { socketClosureOf, tokenRefusalOf } from './token-refusals.ts';

interface Options {
  readonly appToken: string;
  readonly clientOptions: WebClientOptions;
  readonly log: Logger;
  /** Called when Slack gives no socket any more and asking again cannot help. */
  readonly refused: (error: OperatorError) => void;
}

/**
 * Socket Mode that says why it ends. Slack's own client stops asking for a socket after some refusals, and asks for ever
 * after others; either way nobody would be told.
 */
export function socketReceiver({ appToken, clientOptions, log, refused }: Options) {
  const { logger, fetch = globalThis.fetch } = clientOptions;
  const receiver = new SocketModeReceiver({
    appToken,
    ...(logger === undefined ? {} : { logger }),
    installerOptions: {
      // Its own options: it asks for a new socket until it gets one. Without them it would also write its number
      // of retries into the options that all other calls share.
      clientOptions: {
        ...clientOptions,
        // A list of so many pauses is made, sorted and copied at each connect: the last of them counts for ever.
        retryConfig: {
          retries: 20,
          forever: true,
          factor: 1.3,
          minTimeout: 1000,
          maxTimeout: 15_000,
        },
        fetch: async (...request) => {
          const response = await fetch(...request);
          const text = await response.text();
          const refusal = refusalIn(text);
          if (refusal !== undefined) {
            refused(refusal);
            // Slack's client would throw what nobody can catch, or ask again for ever: it gets no answer.
            return new Promise<never>(() => {});
          }
          // A body can be read once.
          const { ok, status, statusText, url, headers } = response;
          return { ok, status, statusText, url, headers, ...readerOf(text) };
        },
      },
    },
  });
  receiver.client.on('ws_message', (data: unknown) => {
    const reason = closedFor(data);
    if (reason === undefined) return;
    const { says, hint } = socketClosureOf(reason);
    log[hint === undefined ? 'info' : 'warn'](
      { from: 'slack', reason, ...(hint && { hint }) },
      says,
    );
  });
  return receiver;
}

const Refused = z.object({
  ok: z.literal(false),
  error: z.string(),
  needed: z.string().optional(),
});

const readerOf = (body: string) => ({
  text: async () => body,
  json: async (): Promise<unknown> => JSON.parse(body),
  arrayBuffer: async () => new TextEncoder().encode(body).buffer,
});

/** The only call of this client is apps.connections.open. */
function refusalIn(body: string): OperatorError | undefined {
  const { data } = Refused.safeParse(parsedJson(body));
  if (data === undefined) return undefined;
  const refusal = tokenRefusalOf('SLACK_APP_TOKEN', { code: data.error, needed: data.needed });
  if (refusal === undefined) return undefined;
  const { says, hint } = refusal;
  return new OperatorError(`calling Slack with SLACK_APP_TOKEN: Slack says ${says}`, {
    hint,
    name: 'SlackRefused',
  });
}

const Disconnect = z.object({ type: z.literal('disconnect'), reason: z.string() });

const closedFor = (data: unknown): string | undefined =>
  typeof data === 'string' ? Disconnect.safeParse(parsedJson(data)).data?.reason : undefined;
