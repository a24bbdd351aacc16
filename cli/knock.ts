import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { DoorAnswer, DoorChallenge, doorExits } from '../bot/door/protocol.ts';

export interface Knock {
  /** The door's socket. */
  readonly path: string;
  readonly words: readonly string[];
  readonly say: (text: string) => void;
  /** What went wrong before the door said anything. */
  readonly complain: (text: string) => void;
}

/** Says words at the local door, and what it answers. The exit code; never rejects. */
export async function knockAtDoor({ path, words, say, complain }: Knock): Promise<number> {
  try {
    const socket = await opened(path);
    return await converse(socket, { words, say });
  } catch (error) {
    complain(whyNoDoor(path, error));
    return doorExits.noDoor;
  }
}

const opened = (path: string): Promise<Socket> =>
  new Promise((done, failed) => {
    const socket = connect(path);
    socket.once('connect', () => done(socket));
    socket.once('error', failed);
  });

async function converse(
  socket: Socket,
  { words, say }: Pick<Knock, 'words' | 'say'>,
): Promise<number> {
  socket.on('error', () => {});
  let isGreeted = false;
  for await (const line of createInterface({ input: socket })) {
    const read: unknown = JSON.parse(line);
    if (!isGreeted) {
      await prove(DoorChallenge.parse(read));
      isGreeted = true;
      socket.write(`${JSON.stringify({ words })}\n`);
      continue;
    }
    const answer = DoorAnswer.parse(read);
    if ('say' in answer) say(answer.say);
    else {
      socket.destroy();
      return answer.exit;
    }
  }
  throw new Error('it went away before it had answered');
}

/** A file that this user alone can have written. */
async function prove({ nonce, proof }: DoorChallenge): Promise<void> {
  const file = await open(proof, 'wx', 0o644);
  try {
    await file.writeFile(nonce);
    await file.chmod(0o644);
  } finally {
    await file.close();
  }
}

function whyNoDoor(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return `There is no local door at ${path}: does Hopscotch's bot run on this machine? It is looked for in DOOR_DIR, else in door under DATA_DIR, as .env says; run this in the folder that the bot was started in.`;
    case 'ECONNREFUSED':
      return `Nobody answers at the local door ${path}: Hopscotch's bot does not run now.`;
    case 'EACCES':
    case 'EPERM':
      return `You may not reach the local door ${path}: each folder above it needs x for you (chmod o+x), or set DOOR_DIR for the bot to a folder that has.`;
    default:
      return `The local door ${path} did not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
