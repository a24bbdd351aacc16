// The log of a run that ended stands beside it, compressed, but for its last entry: whoever writes on does so behind that.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { RawEntry } from './contents.ts';

/** All entries of a log before those that its stream has. */
export const packedKey = (run: string): string => `hopscotch:run:${run}:packed`;

export const packEntries = (entries: readonly RawEntry[]): Promise<Buffer> =>
  promisify(gzip)(entries.map(entryLine).join('\n'));

export async function unpackEntries(packed: Buffer): Promise<RawEntry[]> {
  const text = (await promisify(gunzip)(packed)).toString();
  return text.split('\n').flatMap(entriesOfLine);
}

/** An entry to the byte, as a line of JSON. */
export const entryLine = ({ id, hash, json }: RawEntry): string =>
  `{"id":"${id}","hash":"${hash}","event":${json}}`;

/** None in a line that is no such. */
export function entriesOfLine(line: string): RawEntry[] {
  const [, id, hash, json] = /^\{"id":"([^"]*)","hash":"([^"]*)","event":(.*)\}$/.exec(line) ?? [];
  return id === undefined || hash === undefined || json === undefined ? [] : [{ id, hash, json }];
}
