/** Reads the types of the SSH wire (RFC 4251, section 5). Each throws a RangeError past the end. */
export interface WireReader {
  readonly uint32: () => number;
  readonly uint64: () => bigint;
  readonly string: () => Buffer;
  /** How far it got. */
  readonly at: () => number;
}

export function wireReader(bytes: Buffer, start = 0): WireReader {
  let at = start;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('past the end');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const uint32 = (): number => take(4).readUInt32BE();
  return {
    uint32,
    uint64: () => take(8).readBigUInt64BE(),
    string: () => take(uint32()),
    at: () => at,
  };
}

/** A string of the SSH wire. */
export function wireString(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
