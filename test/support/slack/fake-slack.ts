import type { App, Receiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { slackLogger } from '../../../bot/slack/logger.ts';
import { type FakeHoldings, type FakeWorkspace, fakeMethods } from './fake-methods.ts';
import { clickPayload, commandPayload, submitPayload } from './fake-payloads.ts';
import { type ShutOutCode, refusalWhileShut } from './shut-out.ts';

/** How the next call of a method goes wrong. */
export type Mishap =
  /** Slack says no. */
  | { readonly error: string }
  /** 429: wait that many seconds. */
  | { readonly retryAfter: number }
  | { readonly status: number }
  /** Slack does it, but its answer is lost. */
  | 'answer lost'
  /** Slack never gets it. */
  | 'never arrives'
  /** Slack says that it did it, and nobody ever sees it. */
  | 'swallowed'
  /** All is well: the mishap is the next one's. */
  | 'done';

export interface FakeCall {
  readonly method: string;
  readonly args: Record<string, unknown>;
}

export interface FakeDelivery {
  readonly acks: readonly unknown[];
}

export type FakeSlack = ReturnType<typeof openFakeSlack>;

/** Slack as the bot sees it, in this process: a receiver for what comes in and a fetch for what goes out. */
export function openFakeSlack(workspace: FakeWorkspace = {}) {
  const calls: FakeCall[] = [];
  const held: FakeHoldings = { messages: [], told: [], files: [], uploads: new Map() };
  const { messages, told, files } = held;
  const mishaps = new Map<string, Mishap[]>();
  const askedBy = new Map<string, string>();
  const shut: { code: ShutOutCode | undefined } = { code: undefined };
  let app: App | undefined;

  const receiver: Receiver = {
    init: (given) => {
      app = given;
    },
    start: async () => {},
    stop: async () => {},
  };

  const fetch = fakeWeb({ workspace, calls, mishaps, shut, askedBy, ...held });

  async function deliver(body: Record<string, unknown>): Promise<FakeDelivery> {
    const acks: unknown[] = [];
    await app?.processEvent({
      body,
      ack: async (answer: unknown) => {
        acks.push(answer);
      },
    });
    return { acks };
  }

  return {
    calls,
    messages,
    told,
    files,
    receiver,
    fetch,
    deliver,
    ...pressing(askedBy),
    /** What goes wrong with the next calls of a method, one each. */
    next: (method: string, ...next: readonly Mishap[]) => {
      mishaps.set(method, [...(mishaps.get(method) ?? []), ...next]);
    },
    /** Every method answers as in a channel, or after something, of that kind; undefined: as usual. */
    shutOut: (code?: ShutOutCode) => void (shut.code = code),
    /** Everything goes well again with a method. */
    clear: (method: string) => void mishaps.delete(method),
    toldTo: (user: string) => told.filter((each) => each.user === user).map(({ text }) => text),
    callsOf: (method: string) => calls.filter((call) => call.method === method),
  };
}

/** What Slack sends for what people do. */
function pressing(askedBy: Map<string, string>) {
  const presser = (user: string) => {
    const path = `/response/${randomUUID()}`;
    askedBy.set(path, user);
    return { user, responseUrl: `https://hooks.slack.test${path}` };
  };
  return {
    command: (user: string, text: string, channel = 'C0OPS') =>
      commandPayload(presser(user), text, channel),
    click: (user: string, actionId: string, value: unknown, channel = 'C0OPS') =>
      clickPayload(presser(user), actionId, value, channel),
    submit: submitPayload,
  };
}

interface FakeWeb extends FakeHoldings {
  readonly workspace: FakeWorkspace;
  readonly calls: FakeCall[];
  readonly mishaps: ReadonlyMap<string, Mishap[]>;
  readonly shut: { readonly code: ShutOutCode | undefined };
  /** Who a response URL belongs to, by its path. */
  readonly askedBy: ReadonlyMap<string, string>;
}

/** The web as Slack's clients see it. */
function fakeWeb(web: FakeWeb): typeof globalThis.fetch {
  const { calls, mishaps, shut, askedBy, told, uploads, messages, files } = web;
  const methods = fakeMethods(web.workspace, web);
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const upload = uploads.get(/^\/upload\/(F\d+)$/.exec(url.pathname)?.[1] ?? '');
    if (upload !== undefined) {
      upload.content = await uploadedText(init?.body);
      return new Response('OK');
    }
    const isResponseUrl = url.pathname.startsWith('/response/');
    const method = isResponseUrl ? 'response_url' : (url.pathname.split('/').at(-1) ?? '');
    const body = typeof init?.body === 'string' ? init.body : '';
    const args = isResponseUrl ? (JSON.parse(body) as Record<string, unknown>) : parse(body);
    calls.push({ method, args });
    const mishap = mishaps.get(method)?.shift();
    const refusal = shut.code === undefined ? undefined : refusalWhileShut(shut.code, method);
    const spoilt = spoiltAnswer(refusal === undefined ? mishap : { error: refusal });
    if (spoilt !== undefined) return spoilt;
    if (isResponseUrl) {
      const user = askedBy.get(url.pathname) ?? '';
      told.push({ by: 'response_url', user, text: String(args['text']) });
      return new Response('ok');
    }
    const [posted, taken] = [messages.length, files.length];
    const answer = methods[method]?.(args) ?? { ok: false, error: 'unknown_method' };
    if (mishap === 'swallowed') {
      messages.length = posted;
      files.length = taken;
    }
    if (mishap === 'answer lost') throw new TypeError('fetch failed');
    return Response.json({ ok: true, ...answer });
  };
}

/** What Slack answers instead, where something goes wrong before it does what it is asked. */
function spoiltAnswer(mishap: Mishap | undefined): Response | undefined {
  if (mishap === 'never arrives') throw new TypeError('fetch failed');
  if (typeof mishap !== 'object') return undefined;
  if ('status' in mishap) return new Response('no', { status: mishap.status });
  if ('retryAfter' in mishap) {
    const headers = { 'retry-after': String(mishap.retryAfter) };
    return new Response('', { status: 429, headers });
  }
  return Response.json({ ok: false, error: mishap.error });
}

async function uploadedText(body: RequestInit['body']): Promise<string> {
  const [file = ''] = (await new Response(body ?? null).formData()).values();
  return typeof file === 'string' ? file : await file.text();
}

const parse = (body: string): Record<string, unknown> =>
  Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, value]) => [
      key,
      /^[[{]|^(true|false)$/.test(value) ? (JSON.parse(value) as unknown) : value,
    ]),
  );

/** The product's client of it, which tries nothing again by itself. */
export const clientOfFake = ({ fetch }: Pick<FakeSlack, 'fetch'>, log: Logger): WebClient =>
  new WebClient('xoxb-1', {
    fetch,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: slackLogger(log),
  });
