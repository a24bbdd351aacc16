import { createHmac, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { App, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import { requestRefusals } from './token-refusals.ts';

interface HttpReceiving {
  readonly signingSecret: string;
  readonly log: Logger;
  readonly nowMs?: () => number;
}

interface ListenAt {
  readonly port: number;
  readonly host?: string;
}

/** What Slack asks, as far as whoever passes it on has to know. */
const Asked = z.looseObject({ type: z.string().optional(), challenge: z.string().optional() });

const user = z.looseObject({ id: z.string() });
/** What is passed on of these types is at least this. */
const shapes: Readonly<Record<string, z.ZodType>> = {
  block_actions: z.looseObject({
    user,
    actions: z.array(z.looseObject({ action_id: z.string() })).min(1),
  }),
  view_submission: z.looseObject({
    user,
    view: z.looseObject({
      callback_id: z.string(),
      state: z.looseObject({ values: z.record(z.string(), z.unknown()) }),
    }),
  }),
};

/** A request that is not passed on, and what it is answered with. */
class RefusedRequest extends Error {
  readonly status: number;
  readonly hint: string | undefined;
  constructor(status: number, why: string, hint?: string) {
    super(why);
    this.status = status;
    this.hint = hint;
  }
}

/** Slack's own limit for what it sends is far below. */
const mostBytes = 1_000_000;
/** A request older or younger than this is none of Slack's (docs.slack.dev, "Verifying requests from Slack"). */
const mostOffS = 300;
const path = '/slack/events';

/** Takes requests that Slack signed lately, reads them before anything trusts them, and answers every one. */
export class HttpReceiver implements Receiver {
  readonly #options: HttpReceiving;
  readonly #server: Server;
  #app: Pick<App, 'processEvent'> | undefined;

  constructor(options: HttpReceiving) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => refuse(response, error, options));
    });
  }

  init(app: App): void {
    this.#app = app;
  }

  start({ port, host }: ListenAt): Promise<void> {
    return new Promise((done, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(port, host, () => done());
    });
  }

  stop(): Promise<void> {
    return new Promise((done, failed) => {
      this.#server.close((error) => (error === undefined ? done() : failed(error)));
      this.#server.closeIdleConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== path)
      throw new RefusedRequest(404, 'not what Slack asks');
    const raw = await bodyOf(request);
    this.#checkSignature(request, raw);
    const asked = read(request.headers['content-type'] ?? '', raw);
    if (asked === undefined) return end(response, 200, '');
    if (asked.type === 'url_verification')
      return end(response, 200, JSON.stringify({ challenge: asked.challenge }));
    await this.#app?.processEvent({
      body: asked,
      ack: async (answer: unknown) => {
        if (response.writableEnded) return;
        if (answer === undefined || typeof answer === 'string') end(response, 200, answer ?? '');
        else end(response, 200, JSON.stringify(answer), 'application/json');
      },
    });
    // Nobody listens to this one: Slack need not send it again.
    if (!response.writableEnded) end(response, 404, '');
  }

  #checkSignature({ headers }: IncomingMessage, raw: Buffer): void {
    const { signingSecret, nowMs = Date.now } = this.#options;
    const at = Number(headers['x-slack-request-timestamp']);
    const given = Buffer.from(String(headers['x-slack-signature'] ?? ''));
    if (given.length === 0) throw unsigned('missing');
    if (!(Math.abs(nowMs() / 1000 - at) <= mostOffS)) throw unsigned('stale');
    const mac = createHmac('sha256', signingSecret).update(`v0:${at}:`).update(raw).digest('hex');
    const right = Buffer.from(`v0=${mac}`);
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw unsigned('wrong');
  }
}

function unsigned(how: keyof typeof requestRefusals): RefusedRequest {
  const { says, hint } = requestRefusals[how];
  return new RefusedRequest(401, says, hint);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > mostBytes) throw new RefusedRequest(413, 'more than Slack ever sends');
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

/** Undefined for what only asks whether somebody is there, or says that nothing was pressed. */
function read(type: string, raw: Buffer): z.infer<typeof Asked> | undefined {
  const form = type.startsWith('application/json')
    ? { payload: raw.toString() }
    : Object.fromEntries(new URLSearchParams(raw.toString()));
  if ('ssl_check' in form) return undefined;
  const found = form['payload'] === undefined ? form : parsed(form['payload']);
  const isNoPress = z.looseObject({ actions: z.array(z.unknown()).max(0) }).safeParse(found);
  if (isNoPress.success) return undefined;
  const asked = Asked.safeParse(found);
  const isWhole = shapes[asked.data?.type ?? '']?.safeParse(found).success ?? true;
  if (!asked.success || !isWhole) throw new RefusedRequest(400, 'not what Slack sends');
  return asked.data;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new RefusedRequest(400, 'not JSON');
  }
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type }).end(text);
}

function refuse(response: ServerResponse, error: unknown, { log }: HttpReceiving): void {
  if (response.writableEnded) return;
  if (error instanceof RefusedRequest) {
    const { status, message, hint } = error;
    const more = hint === undefined ? {} : { hint };
    log.warn({ from: 'slack', status, ...more }, `a request was refused: ${message}`);
    end(response, status, '');
    return;
  }
  log.error({ err: error, from: 'slack' }, 'a request was not answered as it should be');
  end(response, 500, '');
}
