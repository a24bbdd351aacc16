import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';

export interface ModalAnswer {
  /** By block id, as the app's `response_action: errors` said; undefined when the modal was taken. */
  readonly errors?: Readonly<Record<string, string>>;
}

interface Submission {
  readonly port: number;
  readonly user: string;
  /** What a view_submission carries under `view.state.values`. */
  readonly values: unknown;
  readonly deadlineMs?: number;
}

/**
 * Submits the modal on top. The workspace takes that only from its web page, so this speaks to the page's WebSocket.
 * Undocumented: holds for local-slack 0.1.8.
 */
export async function submitModal(submission: Submission): Promise<ModalAnswer> {
  const { port, user, values, deadlineMs = 30_000 } = submission;
  const socket = await upgrade(port);
  const deadline = setTimeout(
    () => socket.destroy(new Error(`submitting a modal: no answer after ${deadlineMs} ms`)),
    deadlineMs,
  );
  try {
    for await (const frame of frames(socket)) {
      const said = JSON.parse(frame);
      if (said.t === 'init') {
        if (said.state.modalStack.length === 0) throw new Error('no modal is open to submit');
        socket.write(masked(JSON.stringify({ t: 'view_submit', user, values })));
      }
      if (said.t === 'view_errors') return { errors: said.errors };
      if (said.t === 'view') return {};
    }
    throw new Error('submitting a modal: the workspace closed the connection');
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}

function upgrade(port: number): Promise<Duplex> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/ui',
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    },
  });
  asked.end();
  return new Promise((done, fail) => {
    asked.once('error', fail);
    asked.once('response', ({ statusCode }) => fail(new Error(`the page's socket: ${statusCode}`)));
    asked.once('upgrade', (_response, socket, head) => {
      socket.unshift(head);
      done(socket);
    });
  });
}

/** Text frames as RFC 6455 frames them; servers neither mask nor, here, split a message. */
async function* frames(socket: Duplex): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = first(rest); frame !== undefined; frame = first(rest)) {
      rest = rest.subarray(frame.end);
      if (frame.opcode === 1) yield frame.text;
    }
  }
}

function first(bytes: Buffer): { opcode: number; text: string; end: number } | undefined {
  if (bytes.length < 10 && bytes.length < 2 + (bytes[1] ?? 127)) return undefined;
  const short = bytes.readUInt8(1);
  const [start, size] =
    short === 127
      ? [10, Number(bytes.readBigUInt64BE(2))]
      : short === 126
        ? [4, bytes.readUInt16BE(2)]
        : [2, short];
  const end = start + size;
  if (bytes.length < end) return undefined;
  return { opcode: bytes.readUInt8(0) & 0x0f, text: bytes.toString('utf8', start, end), end };
}

function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const size = Buffer.alloc(payload.length < 126 ? 1 : 3);
  if (payload.length < 126) {
    size[0] = 0x80 | payload.length;
  } else {
    size[0] = 0x80 | 126;
    size.writeUInt16BE(payload.length, 1); // throws beyond 64 KiB, more than any modal holds
  }
  return Buffer.concat([
    Buffer.from([0x81]),
    size,
    mask,
    payload.map((byte, i) => byte ^ mask[i % 4]!),
  ]);
}
