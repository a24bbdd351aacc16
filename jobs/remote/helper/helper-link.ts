import { randomBytes } from 'node:crypto';
import { linkLost } from '../../ssh/errors.ts';
import type { OpenConversation, Ssh } from '../../ssh/ssh.ts';
import type { SshTarget } from '../../ssh/target.ts';
import { helperProgram } from './helper-program.ts';
import { helperStream } from './helper-stream.ts';

export interface HelperRequest {
  /** One line of JSON beside the number that the link gives it. */
  readonly ask: object;
  readonly onSay: (verb: string, rest: string) => void;
  /** A returned promise holds the host back until it is settled. */
  readonly onOutput: (bytes: Buffer) => void | Promise<void>;
  /** Ends the asking, and rejects with the reason. */
  readonly signal?: AbortSignal;
}

/** A helper on a host. */
export interface HelperLink {
  /** Resolves when the helper has said all. LinkLost: what was asked may have happened. False: it has ended, and was not asked. */
  readonly ask: (request: HelperRequest) => Promise<boolean>;
  readonly isOver: () => boolean;
}

/** How long a host may take to start Python. */
const helloMs = 20_000;

/** Room in its command line for that of the children, which are known by their directory. */
const room = 'follows-the-steps-of-Hopscotch-and-may-be-ended-at-any-time'.padEnd(600, '.');

/** Starts a helper. Undefined: the host has no Python that it runs on. Rejects as `Ssh.exec` does. */
export async function openHelper(
  talk: NonNullable<Ssh['converse']>,
  target: SshTarget,
): Promise<HelperLink | undefined> {
  const mark = randomBytes(16).toString('hex');
  const { text, firstBytes } = helperProgram(mark);
  const talking = await talk(
    target,
    `exec python3 -I -S -X utf8 -c "import sys;exec(sys.stdin.buffer.read(${firstBytes}))" ${room}`,
  );
  const asked = new Map<number, Asked>();
  const stream = helperStream(mark, {
    onSay: (number, verb, rest) => asked.get(number)?.hear(verb, rest),
    onBytes: (number, bytes) => asked.get(number)?.take(bytes),
  });
  talking.listen(stream.feed);
  talking.write(text);
  if (!(await hello(talking, stream.hello))) {
    talking.close();
    return undefined;
  }
  let isOver = false;
  void talking.ended.then((why) => {
    isOver = true;
    for (const { fail } of asked.values()) fail(linkLost(target, why));
  });
  let count = 0;
  return {
    isOver: () => isOver,
    ask: async (request) => {
      if (isOver) return false;
      count += 1;
      await askHelper(talking, { number: count, asked, request });
      return true;
    },
  };
}

async function hello({ ended }: OpenConversation, said: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), helloMs);
  });
  return Promise.race([said.then(() => true), ended.then(() => false), late]).finally(() =>
    clearTimeout(timer),
  );
}

interface Asked {
  readonly hear: (verb: string, rest: string) => void;
  readonly take: (bytes: Buffer) => void;
  readonly fail: (error: unknown) => void;
}

interface Asking {
  readonly number: number;
  readonly asked: Map<number, Asked>;
  readonly request: HelperRequest;
}

/** The helper sends two megabytes ahead of what it is told was read. */
const readEachBytes = 512 * 1024;

function askHelper(talking: OpenConversation, { number, asked, request }: Asking): Promise<void> {
  const { ask, onSay, onOutput, signal } = request;
  const say = (line: object): void => talking.write(`${JSON.stringify({ n: number, ...line })}\n`);
  return new Promise<void>((resolve, reject) => {
    let unread = 0;
    let reading: Promise<void> | undefined;
    const over = (settle: () => void): void => {
      if (!asked.delete(number)) return;
      signal?.removeEventListener('abort', leave);
      settle();
    };
    const fail = (error: unknown): void => over(() => reject(error));
    function leave(): void {
      say({ do: 'leave' });
      fail(signal?.reason);
    }
    const wasRead = (length: number): void => {
      unread += length;
      if (unread < readEachBytes) return;
      say({ do: 'read', bytes: unread });
      unread = 0;
    };
    const take = (bytes: Buffer): void => {
      const next = async (): Promise<void> => {
        await onOutput(bytes);
        wasRead(bytes.length);
      };
      if (reading !== undefined) {
        reading = reading.then(next);
        return;
      }
      const pending = onOutput(bytes);
      if (pending === undefined) wasRead(bytes.length);
      else reading = pending.then(() => wasRead(bytes.length));
      reading?.catch(fail);
    };
    const hear = (verb: string, rest: string): void => {
      if (verb !== 'end') onSay(verb, rest);
      else if (reading === undefined) over(resolve);
      else reading.then(() => over(resolve), fail);
    };
    asked.set(number, { hear, take, fail });
    signal?.addEventListener('abort', leave, { once: true });
    say(ask);
  });
}
