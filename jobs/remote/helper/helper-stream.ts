interface Heard {
  readonly onSay: (number: number, verb: string, rest: string) => void;
  readonly onBytes: (number: number, bytes: Buffer) => void;
}

export interface HelperStream {
  readonly feed: (chunk: Buffer) => void;
  /** Resolves once the helper has said hello. */
  readonly hello: Promise<void>;
}

/** What a login may print before; more is no greeting. */
const noiseMost = 1024 * 1024;

/**
 * Takes apart what a helper writes: lines of `NUMBER VERB WORDS...`, and behind `NUMBER out LENGTH` as many bytes. What comes
 * before its hello, as a login prints it, is noise.
 */
export function helperStream(mark: string, { onSay, onBytes }: Heard): HelperStream {
  const greeting = Buffer.from(`\n${mark} hello\n`);
  let greet: (() => void) | undefined;
  const hello = new Promise<void>((resolve) => (greet = resolve));
  let isGreeted = false;
  // What a line begins with until its end comes.
  let held: Buffer = Buffer.from('\n');
  let bytesOf = 0;
  let bytesLeft = 0;
  const feed = (chunk: Buffer): void => {
    let rest = chunk;
    if (!isGreeted) {
      const all = Buffer.concat([held, chunk]);
      const index = all.indexOf(greeting);
      held = index < 0 ? all.subarray(-noiseMost) : Buffer.alloc(0);
      if (index < 0) return;
      isGreeted = true;
      greet?.();
      rest = all.subarray(index + greeting.length);
    }
    while (rest.length > 0) {
      if (bytesLeft > 0) {
        const part = rest.subarray(0, bytesLeft);
        bytesLeft -= part.length;
        rest = rest.subarray(part.length);
        onBytes(bytesOf, part);
        continue;
      }
      const end = rest.indexOf(10);
      if (end < 0) {
        held = Buffer.concat([held, rest]);
        return;
      }
      const line = Buffer.concat([held, rest.subarray(0, end)]).toString();
      held = Buffer.alloc(0);
      rest = rest.subarray(end + 1);
      const [number = '', verb = '', ...words] = line.split(' ');
      if (verb !== 'out') {
        onSay(Number(number), verb, words.join(' '));
        continue;
      }
      bytesOf = Number(number);
      bytesLeft = Number(words[0]);
    }
  };
  return { feed, hello };
}
