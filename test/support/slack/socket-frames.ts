// What a server says on a WebSocket, frame by frame (RFC 6455, section 5.2: what comes from a server is not masked).

/** A short text. */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 125) throw new Error('too long for a short frame');
  return Buffer.concat([Buffer.from([0x81, bytes.length]), bytes]);
}

interface Read {
  readonly frames: readonly Buffer[];
  /** Nothing of a further frame has come. */
  readonly isWhole: boolean;
}

/** Cuts what comes after the answer to the upgrade into frames. */
export function frameReader(): (chunk: Buffer) => Read {
  let rest = Buffer.alloc(0);
  let isUpgraded = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!isUpgraded) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return { frames: [], isWhole: false };
      isUpgraded = true;
      rest = rest.subarray(end + 4);
    }
    const frames: Buffer[] = [];
    for (let size = sizeOf(rest); size !== undefined && size <= rest.length; size = sizeOf(rest)) {
      frames.push(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    return { frames, isWhole: rest.length === 0 };
  };
}

/** Of the frame that these bytes begin with; undefined where they do not tell. */
function sizeOf(bytes: Buffer): number | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const header = { 126: 4, 127: 10 }[short] ?? 2;
  if (bytes.length < header) return undefined;
  if (short === 126) return header + bytes.readUInt16BE(2);
  return header + (short === 127 ? Number(bytes.readBigUInt64BE(2)) : short);
}

/** Late enough for what was pressed to be done, and soon enough to meet the run. */
const lateMs = 3000;

/** Has presses and words come twice, and a third time later, on all sockets, by `sayToAll`. */
export function openRepeats(sayToAll: (frame: Buffer) => void) {
  let left = 0;
  const repeated = (frame: Buffer): boolean => {
    if (left === 0 || !frame.includes('"envelope_id"')) return false;
    left -= 1;
    setTimeout(() => sayToAll(frame), lateMs).unref();
    return true;
  };
  return {
    next: (times: number): void => void (left = times),
    retelling: () => {
      const read = frameReader();
      const waiting: Buffer[] = [];
      return (chunk: Buffer): Buffer => {
        const { frames, isWhole } = read(chunk);
        waiting.push(...frames.filter(repeated));
        return isWhole ? Buffer.concat([chunk, ...waiting.splice(0)]) : chunk;
      };
    },
  };
}
