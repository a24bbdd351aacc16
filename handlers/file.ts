import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command } from './command.ts';
import { unifiedDiff } from './diff.ts';
import { FileState, lookAt, mostBytes, readState, writeFile } from './file-state.ts';
import { defineHandler } from './handler.ts';

const Owner = z
  .string('write names and numbers in quotes, such as "glance" or "0"')
  .regex(
    /^([A-Za-z_][A-Za-z0-9_.-]*|[0-9]+)$/,
    'expected a name such as "glance", or a number in quotes',
  );

const Params = z
  .strictObject({
    path: z
      .string()
      .regex(
        /^(\/(?!\.{1,2}(\/|$))[^/\0\n]+)+$/,
        'expected an absolute path such as /etc/nova/nova.conf',
      )
      .describe('Absolute path of the file. Its directory has to exist.'),
    content: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= mostBytes, 'is larger than 512 KiB')
      .optional()
      .describe('The whole content. In YAML, `content: |` keeps the lines as they are.'),
    owner: Owner.optional().describe('User that owns it. Default: as it is, or who writes it.'),
    group: Owner.optional().describe('Its group. Default: as it is, or of who writes it.'),
    mode: z
      .string('write the mode in quotes, such as "0640": YAML would read a number')
      .regex(/^[0-7]{3,4}$/, 'expected an octal mode in quotes, such as "0640"')
      .optional()
      .describe('Octal mode in quotes, such as "0640". Default: as it is, or "0644".'),
    absent: z.boolean().default(false).describe('true: there must be no such file.'),
  })
  .refine(({ absent, content }) => absent === (content === undefined), {
    message: 'needs either content, or absent: true',
    path: ['content'],
  })
  .refine(({ absent, owner, group, mode }) => !absent || !(owner ?? group ?? mode), {
    message: 'a file that is to be absent has no owner, group or mode',
    path: ['absent'],
  });
type Params = z.infer<typeof Params>;

/**
 * Writes a file whole, or removes it. A file that is replaced keeps its owner and mode unless told otherwise; access
 * lists and extended attributes are not kept. What somebody else wrote after the step, `undo` sets aside as
 * `<path>.hopscotch-kept` before it puts back what was there.
 */
export const file = defineHandler({
  kind: 'file',
  params: Params,
  before: FileState,
  timeoutMs: 60_000,
  exit: () => 'reversible',
  probe: ({ path }) => [lookAt(path)],
  parse: ([output], { path }) => readState(output, path),
  isDone: (params, found) =>
    params.absent
      ? found.type === 'absent'
      : found.type === 'file' &&
        found.content === base64(params.content) &&
        attributes(params, found).length === 0,
  apply: ({ path, absent, content = '', ...rest }) => [
    absent ? command(['rm', '-f', '--', path]) : writeFile(path, Buffer.from(content), rest),
  ],
  undo: (params, before, now) => {
    if (isDeepStrictEqual(before, now)) return [];
    const { path } = params;
    const kept = `${path}.hopscotch-kept`;
    const isForeign = isWrittenByOthers(params, before, now);
    if (before.type === 'absent')
      return [command(isForeign ? ['mv', '-f', '--', path, kept] : ['rm', '-f', '--', path])];
    const { uid: owner, gid: group, mode } = before;
    const content = Buffer.from(before.content, 'base64');
    return [
      ...(isForeign ? [command(['cp', '-p', '--', path, kept])] : []),
      writeFile(path, content, { owner, group, mode }),
    ];
  },
  changes: (params, before) => {
    const now = params.absent ? undefined : Buffer.from(params.content ?? '');
    const old = before.type === 'file' ? Buffer.from(before.content, 'base64') : undefined;
    return [...attributes(params, before), contentChange(params.path, old, now)]
      .filter((line) => line !== '')
      .join('\n');
  },
});

const base64 = (text = ''): string => Buffer.from(text).toString('base64');

/** A line for every owner, group or mode that is asked for and is not so. */
function attributes({ owner, group, mode }: Params, found: FileState): string[] {
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

function isWrittenByOthers(params: Params, before: FileState, now: FileState): boolean {
  if (now.type === 'absent') return false;
  const known = [
    ...(params.absent ? [] : [base64(params.content)]),
    ...(before.type === 'file' ? [before.content] : []),
  ];
  return !known.includes(now.content);
}

function contentChange(path: string, old: Buffer | undefined, now: Buffer | undefined): string {
  const [before, after] = [old ?? Buffer.alloc(0), now ?? Buffer.alloc(0)];
  const names = { from: old ? path : '/dev/null', to: now ? path : '/dev/null' };
  if (!isText(before) || !isText(after))
    return before.equals(after) ? '' : `${path}: ${size(old)} -> ${size(now)}, not text`;
  if (before.equals(after) && names.from !== names.to)
    return now ? `${path}: a new, empty file` : `${path}: removed, an empty file`;
  return unifiedDiff(String(before), String(after), names);
}

const isText = (bytes: Buffer): boolean =>
  !bytes.includes(0) && Buffer.from(String(bytes)).equals(bytes);

const size = (bytes: Buffer | undefined): string => (bytes ? `${bytes.length} bytes` : 'no file');
