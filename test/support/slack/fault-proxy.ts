import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CuttableProxy, cuttableProxy, portOf } from '../servers/cuttable-proxy.ts';
import { openRepeats, textFrame } from './socket-frames.ts';

/** A local Slack behind a proxy that answers some methods in its place, and whose sockets can be cut. */
export interface FaultProxy {
  readonly apiUrl: string;
  /** What a method, or every one (`*`), answers from now on; undefined: what Slack answers. */
  readonly answer: (method: string, body: object | undefined) => void;
  /** The same with a status in the place of a body. */
  readonly fail: (method: string, status: number, headers?: Record<string, string>) => void;
  /** What happens to the next so many messages that are posted or changed. */
  readonly disturb: (how: SlackTrouble, times: number) => void;
  /** At most one post in so many ms, as Slack wants it in a channel; 0: as many as come. */
  readonly limitPosts: (everyMs: number) => void;
  /** How often a method was called. */
  readonly calls: (method: string) => number;
  /** Says something on all sockets, as Slack does. */
  readonly say: (message: object) => void;
  /** Drops all sockets. */
  readonly cut: () => void;
  /** Delivers the next so many presses and words twice, and once more to everybody after a while. */
  readonly repeatNext: (times: number) => void;
  /** Holds back what it has to deliver for so long. */
  readonly deliverLate: (ms: number) => Promise<void>;
  /** As if Slack's machine had died: nobody listens any more. */
  readonly die: () => Promise<void>;
  readonly live: () => Promise<void>;
  /** Takes every call and answers none; its sockets stay, and say nothing. */
  readonly fallSilent: () => void;
  readonly speak: () => void;
  readonly stop: () => Promise<void>;
}

/** `limited`: 429; `broken`: 500; `lost`: Slack does it, and its answer never comes. */
export type SlackTrouble = 'limited' | 'broken' | 'lost';

export async function startFaultProxy(slackPort: number): Promise<FaultProxy> {
  const answers = new Map<string, (response: ServerResponse) => unknown>();
  const calls: string[] = [];
  let troubles: SlackTrouble[] = [];
  const limit = postLimit();
  const repeats = openRepeats((frame) => sockets.say(frame));
  const sockets = await cuttableProxy(slackPort, repeats.retelling);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const method = request.url?.split('/').at(-1) ?? '';
      calls.push(method);
      const answer = answers.get(method) ?? answers.get('*');
      response.setHeader('content-type', 'application/json');
      if (answer !== undefined) return void answer(response);
      const drawn = /^chat\.(post|update)/.test(method) ? troubles.shift() : undefined;
      const trouble = limit.isOver(method) ? 'limited' : drawn;
      if (trouble === 'limited') return void response.writeHead(429, { 'retry-after': '1' }).end();
      if (trouble === 'broken') return void response.writeHead(500).end();
      const { 'content-type': type = '', authorization = '' } = request.headers;
      const headers = { 'content-type': type, authorization };
      fetch(`http://127.0.0.1:${slackPort}${request.url}`, {
        method: request.method ?? 'POST',
        headers,
        body: Buffer.concat(chunks),
      })
        .then((answered) => answered.text())
        // Sockets come through the proxy too.
        .then((text) => text.replaceAll(`:${slackPort}`, `:${sockets.port}`))
        .then(
          (text) => (trouble === 'lost' ? response.destroy() : response.end(text)),
          () => response.writeHead(502).end(),
        );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    ...standIns(answers),
    disturb: (how, times) => {
      troubles = Array.from({ length: times }, () => how);
    },
    limitPosts: limit.set,
    calls: (method) => calls.filter((each) => each === method).length,
    say: (message) => sockets.say(textFrame(JSON.stringify(message))),
    cut: () => sockets.cut(),
    repeatNext: repeats.next,
    ...lifeOf(server, sockets, port),
    ...silenceOf(answers, sockets),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await sockets.stop();
    },
  };
}

/** What is answered in the place of Slack, by method. */
const standIns = (
  answers: Map<string, (response: ServerResponse) => unknown>,
): Pick<FaultProxy, 'answer' | 'fail'> => ({
  answer: (method, body) => {
    if (body === undefined) answers.delete(method);
    else answers.set(method, (response) => response.end(JSON.stringify(body)));
  },
  fail: (method, status, headers = {}) => {
    answers.set(method, (response) => response.writeHead(status, headers).end('no'));
  },
});

/** Tells posts that come sooner than they may. */
function postLimit() {
  let [everyMs, nextMs] = [0, 0];
  return {
    set: (ms: number): void => void ([everyMs, nextMs] = [ms, 0]),
    isOver: (method: string): boolean => {
      if (method !== 'chat.postMessage' || everyMs === 0) return false;
      if (performance.now() < nextMs) return true;
      nextMs = performance.now() + everyMs;
      return false;
    },
  };
}

const lifeOf = (
  server: Server,
  sockets: CuttableProxy,
  port: number,
): Pick<FaultProxy, 'die' | 'live'> => ({
  die: async () => {
    sockets.refuse();
    sockets.cut();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  },
  live: async () => {
    sockets.resume();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  },
});

const silenceOf = (
  answers: Map<string, (response: ServerResponse) => unknown>,
  sockets: CuttableProxy,
): Pick<FaultProxy, 'fallSilent' | 'speak' | 'deliverLate'> => ({
  fallSilent: () => {
    answers.set('*', () => {});
    sockets.stall();
  },
  speak: () => {
    answers.delete('*');
    sockets.resume();
  },
  deliverLate: async (ms) => {
    sockets.stall();
    await sleep(ms);
    sockets.resume();
  },
});
