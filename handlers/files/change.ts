import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command, type Command, type CommandOutput } from '../contract/command.ts';
import { unifiedDiff } from '../contract/diff.ts';
import { FileState, fileProbe, readFileState, writeFileCommand } from './state.ts';
import { maskBoth, maskSecrets } from '../redaction/redact.ts';

export const FilePath = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[^/\0\n]+)+$/,
    'expected an absolute path such as /etc/nova/nova.conf',
  );

export const FileOwner = z
  .string('write names and numbers in quotes, such as "glance" or "0"')
  .regex(
    /^([A-Za-z_][A-Za-z0-9_.-]*|[0-9]+)$/,
    'expected a name such as "glance", or a number in quotes',
  );

export const FileMode = z
  .string('write the mode in quotes, such as "0640": YAML would read a number')
  .regex(/^[0-7]{3,4}$/, 'expected an octal mode in quotes, such as "0640"');

interface At {
  readonly path: string;
}

/** What kinds that change a single file have in common. */
export const singleFileKind = {
  before: FileState,
  timeoutMs: 60_000,
  reversibility: () => 'reversible' as const,
  probe: ({ path }: At) => [fileProbe(path)],
  parse: ([output]: readonly CommandOutput[], { path }: At) => readFileState(output, path),
};

/** What a step leaves at a path; without a content: nothing. */
export interface WrittenFile {
  readonly path: string;
  readonly content?: string | Buffer | undefined;
}

export interface FileAttributes {
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: string | undefined;
}

/** Whether a file is there with this content, owner, group and mode. */
export const isAsWritten = (
  content: string,
  attributes: FileAttributes,
  found: FileState,
): boolean =>
  found.type === 'file' &&
  found.content === base64(content) &&
  attributeChanges(attributes, found).length === 0;

/** A line for every owner, group or mode that is asked for and is not so. */
export function attributeChanges(
  { owner, group, mode }: FileAttributes,
  found: FileState,
): string[] {
  const is = found.type === 'file' ? found : undefined;
  const rows = [
    ['owner', owner, is?.owner, is?.uid],
    ['group', group, is?.group, is?.gid],
    ['mode', mode?.padStart(4, '0'), is?.mode],
  ] as const;
  return rows.flatMap(([name, wanted, ...has]) =>
    wanted === undefined || has.includes(wanted)
      ? []
      : [`${name}: ${has[0] === undefined ? '' : `${has[0]} -> `}${wanted}`],
  );
}

/** The bytes of a file; undefined when there is none. */
export const fileBytes = (state: FileState): Buffer | undefined =>
  state.type === 'file' ? Buffer.from(state.content, 'base64') : undefined;

/** What changes in a file, as a unified diff where both are texts; without one there is no file. */
export function contentChange(
  path: string,
  old: Buffer | undefined,
  now: Buffer | undefined,
): string {
  const [before, after] = [old ?? Buffer.alloc(0), now ?? Buffer.alloc(0)];
  const names = { from: old ? path : '/dev/null', to: now ? path : '/dev/null' };
  if (!isUtf8Text(before) || !isUtf8Text(after))
    return before.equals(after) ? '' : `${path}: ${size(old)} -> ${size(now)}, not text`;
  if (before.equals(after) && names.from !== names.to)
    return now ? `${path}: a new, empty file` : `${path}: removed, an empty file`;
  return unifiedDiff(String(before), String(after), names);
}

/** The same for people: secrets in texts are masked. */
export function maskedChange(
  path: string,
  old: Buffer | undefined,
  now: Buffer | undefined,
): string {
  if (![old, now].every((one) => one === undefined || isUtf8Text(one)))
    return contentChange(path, old, now);
  const [before, after] = maskBoth(String(old ?? ''), String(now ?? ''));
  const shown = contentChange(path, old && Buffer.from(before), now && Buffer.from(after));
  if (shown !== '' || old === undefined || now === undefined || old.equals(now)) return shown;
  return `${path}: only secrets change places`;
}

export const isUtf8Text = (bytes: Buffer): boolean =>
  !bytes.includes(0) && Buffer.from(String(bytes)).equals(bytes);

/**
 * Commands that put a file back as it was. What somebody else wrote after the step is set aside as
 * `<path>.hopscotch-kept`.
 */
export function putFileBack(
  left: WrittenFile,
  before: FileState,
  now: FileState,
): readonly Command[] {
  if (isDeepStrictEqual(before, now)) return [];
  const { path } = left;
  const kept = `${path}.hopscotch-kept`;
  const isForeign = isWrittenByOthers(left, before, now);
  if (before.type === 'absent')
    return [command(isForeign ? ['mv', '-f', '--', path, kept] : ['rm', '-f', '--', path])];
  const { uid: owner, gid: group, mode } = before;
  const content = Buffer.from(before.content, 'base64');
  return [
    ...(isForeign ? [command(['cp', '-p', '--', path, kept])] : []),
    writeFileCommand(path, content, { owner, group, mode }),
  ];
}

function isWrittenByOthers({ content }: WrittenFile, before: FileState, now: FileState): boolean {
  if (now.type === 'absent') return false;
  const known = [
    ...(content === undefined ? [] : [base64(content)]),
    ...(before.type === 'file' ? [before.content] : []),
  ];
  return !known.includes(now.content);
}

/** The command, with its standard input kept from people's eyes. */
export const withHiddenInput = (given: Command): Command =>
  given.stdin === undefined ? given : { ...given, secret: true };

/** The same only for what holds secrets. */
export const withHiddenSecrets = (given: Command): Command =>
  given.stdin === undefined || maskSecrets(given.stdin) === given.stdin
    ? given
    : withHiddenInput(given);

const base64 = (content: string | Buffer): string =>
  (typeof content === 'string' ? Buffer.from(content) : content).toString('base64');

const size = (bytes: Buffer | undefined): string => (bytes ? `${bytes.length} bytes` : 'no file');
