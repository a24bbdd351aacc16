import { z } from 'zod';
import { command, type Command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { fileWriteShell, fileLookShell } from './scripts/embedded.ts';

/** Largest file that a step takes or replaces, in bytes: what was there before is kept in the event log. */
export const mostFileBytes = 512 * 1024;

/** What is at a path: nothing, or a regular file. `content` is base64, since a file need not be text. */
export const FileState = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('absent') }),
  z.strictObject({
    type: z.literal('file'),
    content: z.base64(),
    mode: z.string(),
    uid: z.string(),
    gid: z.string(),
    owner: z.string(),
    group: z.string(),
  }),
]);
export type FileState = z.infer<typeof FileState>;

/** Reads a file and what it is, without following a link. */
export const fileProbe = (path: string): Command =>
  command(['sh', '-c', fileLookShell, 'sh', path, String(mostFileBytes)]);

/**
 * Writes a file under another name beside its place, and renames it into it, so that nobody reads half of it. An owner,
 * group or mode that is not given stays as it is; a new file gets mode 0644.
 */
export function writeFileCommand(
  path: string,
  content: Buffer,
  given: Partial<Record<'owner' | 'group' | 'mode', string | undefined>>,
): Command {
  const { owner = '', group = '', mode = '' } = given;
  const text = String(content);
  const isUtf8 = Buffer.from(text).equals(content);
  const decode = isUtf8 ? ['cat'] : ['base64', '-d'];
  return command(
    ['sh', '-c', fileWriteShell, 'sh', path, String(content.length), owner, group, mode, ...decode],
    { stdin: isUtf8 ? text : content.toString('base64') },
  );
}

/** Throws an OperatorError when the path holds something else than a regular file that may be read and kept. */
export function readFileState(output: CommandOutput | undefined, path: string): FileState {
  const [first = '', owner = '', group = '', ...content] = (output?.stdout ?? '').split('\n');
  const [word, mode = '', uid = '', gid = ''] = first.split(' ');
  if (word === 'absent') return { type: 'absent' };
  if (word !== 'file' || gid === '') throw notAFile(first, path);
  return {
    type: 'file',
    content: content.join(''),
    mode: mode.padStart(4, '0'),
    uid,
    gid,
    owner: known(owner, uid),
    group: known(group, gid),
  };
}

// What stat says of a number without a name.
const known = (name: string, id: string): string => (name === 'UNKNOWN' ? id : name);

function notAFile(answer: string, path: string): OperatorError {
  const [word = '', ...rest] = answer.split(' ');
  const [why, hint] = reasons[word] ?? [`the host answered "${answer}"`, 'Look at it on the host.'];
  return new OperatorError(`reading ${path}: ${why.replace('%', rest.join(' '))}`, {
    name: 'NotAFile',
    hint,
  });
}

const reasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  symlink: ['it is a symbolic link', 'Name the file that it points to.'],
  other: ['it is a %, not a regular file', 'Name a file.'],
  large: [
    'it has % bytes; 524288 (512 KiB) can be kept to put back',
    'Change it with a step of kind command.',
  ],
  unreadable: [
    'it may not be read',
    'Let the cloud file say `become: true`, or use another login.',
  ],
};
