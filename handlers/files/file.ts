import { z } from 'zod';
import { command } from '../contract/command.ts';
import {
  attributeChanges,
  fileBytes,
  FilePath,
  isAsWritten,
  maskedChange,
  FileMode,
  singleFileKind,
  FileOwner,
  putFileBack,
  withHiddenSecrets,
} from './change.ts';
import { mostFileBytes, writeFileCommand } from './state.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { maskSecrets } from '../redaction/redact.ts';

const Params = z
  .strictObject({
    path: FilePath.describe('Absolute path of the file. Its directory has to exist.'),
    content: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= mostFileBytes, 'is larger than 512 KiB')
      .optional()
      .describe(
        'The whole content. In YAML, `content: |` keeps the lines as they are. What looks like a secret is not shown.',
      ),
    owner: FileOwner.optional().describe('User that owns it. Default: as it is, or who writes it.'),
    group: FileOwner.optional().describe('Its group. Default: as it is, or of who writes it.'),
    mode: FileMode.optional().describe(
      'Octal mode in quotes, such as "0640". Default: as it is, or "0644".',
    ),
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

/**
 * Writes a file whole, or removes it. A file that is replaced keeps its owner and mode unless told otherwise; access
 * lists and extended attributes are not kept. What somebody else wrote after the step, `undo` sets aside as
 * `<path>.hopscotch-kept` before it puts back what was there. Passwords, keys and tokens in either are not shown.
 */
export const fileHandler = defineHandler({
  kind: 'file',
  params: Params,
  ...singleFileKind,
  isDone: (params, found) =>
    params.absent ? found.type === 'absent' : isAsWritten(params.content ?? '', params, found),
  apply: ({ path, absent, content = '', ...rest }) => [
    absent
      ? command(['rm', '-f', '--', path])
      : withHiddenSecrets(writeFileCommand(path, Buffer.from(content), rest)),
  ],
  masked: ({ content = '' }) => maskSecrets(content),
  undo: (params, before, now) => putFileBack(params, before, now).map(withHiddenSecrets),
  does: ({ path, absent }) =>
    absent ? deedOn(`remove ${path}`, 'remove', [path]) : deedOn(`write ${path}`, 'write', [path]),
  changes: (params, before) => {
    const now = params.absent ? undefined : Buffer.from(params.content ?? '');
    return [...attributeChanges(params, before), maskedChange(params.path, fileBytes(before), now)]
      .filter((line) => line !== '')
      .join('\n');
  },
});
