// The local door: a socket of this machine, at which its users steer runs while Slack is down. Who somebody is says the
// operating system; what they may do says the same desk as in Slack.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, unlink } from 'node:fs/promises';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { type DoorDesk, answerDoor } from './answer-door.ts';
import { accountName, ownerOfProof } from './proof.ts';
import {
  type DoorAnswer,
  type DoorChallenge,
  DoorRequest,
  doorExits,
  doorSocketName,
  longestSocketPath,
} from './protocol.ts';

interface Options {
  /** The folder of the socket, which the users of this machine have to reach. */
  readonly dir: string;
  readonly desk: DoorDesk;
  readonly log: Logger;
}

export interface LocalDoor {
  readonly close: () => Promise<void>;
}

/** How long somebody may take to show who they are and to say what they want. */
const greetingMs = 10_000;
const mostVisitors = 50;

/** Opens the door. Throws `DoorClosed` where its socket cannot be there. */
export async function openLocalDoor({ dir, desk, log }: Options): Promise<LocalDoor> {
  const folder = resolve(dir);
  const path = join(folder, doorSocketName);
  const proofs = join(folder, 'proofs');
  if (Buffer.byteLength(path) > longestSocketPath) throw closed(path, 'the path is too long');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  await mkdir(proofs, { recursive: true });
  // Anybody may leave a file here, see none but their own, and take away none of others'.
  await chmod(proofs, 0o1733);
  await freeSocket(path);
  const server = createServer((socket) => void receive(socket, { proofs, desk, log }));
  server.maxConnections = mostVisitors;
  await listening(server, path);
  await chmod(path, 0o666);
  log.info({ path }, 'the local door is open');
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
      }),
  };
}

/** A socket that nobody answers at is left from a process that died. */
async function freeSocket(path: string): Promise<void> {
  const isAnswered = await new Promise<boolean>((done) => {
    const trying = connect(path);
    trying.on('connect', () => {
      trying.destroy();
      done(true);
    });
    trying.on('error', () => done(false));
  });
  if (isAnswered) throw closed(path, 'another Hopscotch has its own there');
  await unlink(path).catch(() => {});
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((done, failed) => {
    server.once('error', (cause) => failed(closed(path, cause.message, cause)));
    server.listen(path, done);
  });

const closed = (path: string, why: string, cause?: unknown): OperatorError =>
  new OperatorError(`opening the local door ${path}: ${why}`, {
    name: 'DoorClosed',
    hint: 'Set DOOR_DIR to a folder of this Hopscotch alone that the users of this machine can reach, such as /run/hopscotch.',
    cause,
  });

interface Receiving {
  readonly proofs: string;
  readonly desk: DoorDesk;
  readonly log: Logger;
}

/** Never rejects. */
async function receive(socket: Socket, { proofs, desk, log }: Receiving): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => {});
  socket.on('close', () => gone.abort());
  const send = (answer: DoorAnswer | DoorChallenge): void => {
    if (!gone.signal.aborted) socket.write(`${JSON.stringify(answer)}\n`);
  };
  const end = (exit: number): void => {
    send({ exit });
    socket.end();
  };
  try {
    const nonce = randomBytes(24).toString('hex');
    const proof = join(proofs, nonce);
    send({ nonce, proof });
    const { words } = DoorRequest.parse(JSON.parse(await firstLine(socket, gone.signal)));
    const uid = await ownerOfProof(proof, nonce);
    const account = uid === undefined ? undefined : await accountName(uid);
    if (account === undefined) {
      send({ say: 'Nothing was done: the door could not see which user of this machine you are.' });
      return end(doorExits.refused);
    }
    const say = (text: string): void => send({ say: text });
    const exit = await answerDoor({ account, words, say, gone: gone.signal }, desk);
    log.info({ account, word: words[0], exit }, 'answered at the local door');
    return end(exit);
  } catch (error) {
    if (gone.signal.aborted) return undefined;
    log.error({ err: error }, 'answering at the local door');
    send({
      say: 'Something in Hopscotch itself went wrong; its log says more. Look at the run before you try again.',
    });
    return end(doorExits.refused);
  }
}

function firstLine(socket: Socket, gone: AbortSignal): Promise<string> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error('nothing was said')), greetingMs);
    const stop = (): void => {
      clearTimeout(timer);
      failed(new Error('gone'));
    };
    gone.addEventListener('abort', stop, { once: true });
    let bytes = 0;
    socket.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > mostBytes) socket.destroy();
    });
    createInterface({ input: socket }).once('line', (line) => {
      clearTimeout(timer);
      done(line);
    });
  });
}

const mostBytes = 200_000;
