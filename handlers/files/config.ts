import { createHash } from 'node:crypto';
import { z } from 'zod';
import { configWarnings, OptionRule } from './config-lint.ts';
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
  withHiddenInput,
} from './change.ts';
import { mostFileBytes, writeFileCommand } from './state.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { maskSecrets } from '../redaction/redact.ts';

const Params = z
  .strictObject({
    path: FilePath.describe('The file on the host. Its directory has to exist.'),
    file: z.string().min(1).describe("The operator's file, within the cloud's config directory."),
    content: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= mostFileBytes, 'is larger than 512 KiB')
      .describe('What the file held when the plan was made. Its secrets are not shown.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 of 64 hexadecimal digits')
      .describe('Of the content: another content is not what was approved.'),
    owner: FileOwner.describe('User that owns it.'),
    group: FileOwner.describe('Its group.'),
    mode: FileMode.describe('Octal mode in quotes, such as "0640".'),
    service: z.string().min(1).describe('The service that reads it.'),
    from: z.string().min(1).describe('The release the cloud comes from.'),
    to: z.string().min(1).describe('The release whose options it is checked against.'),
    options: z
      .array(OptionRule)
      .default([])
      .describe(
        'Options that changed up to that release: what the file still says of them is shown.',
      ),
  })
  .refine(({ content, sha256 }) => fingerprint(content) === sha256, {
    message: 'is not the SHA-256 of the content',
    path: ['sha256'],
  });

/**
 * Writes a service's configuration file, which the operator prepared for a release. Its secrets reach the host and
 * nobody's eyes. What was there is kept in the event log, and `undo` puts it back as the kind `file` does.
 */
export const configHandler = defineHandler({
  kind: 'config',
  params: Params,
  ...singleFileKind,
  isDone: ({ content, ...attributes }, found) => isAsWritten(content, attributes, found),
  apply: ({ path, content, owner, group, mode }) => [
    withHiddenInput(writeFileCommand(path, Buffer.from(content), { owner, group, mode })),
  ],
  masked: ({ content }) => maskSecrets(content),
  undo: ({ path, content }, before, now) =>
    putFileBack({ path, content }, before, now).map(withHiddenInput),
  does: ({ path }) => deedOn(`write ${path}`, 'write', [path]),
  changes: ({ path, content, options, ...attributes }, before) =>
    [
      ...configWarnings(content, options),
      ...attributeChanges(attributes, before),
      maskedChange(path, fileBytes(before), Buffer.from(content)),
    ]
      .filter((line) => line !== '')
      .join('\n'),
});

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex');
