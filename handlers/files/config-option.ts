import { z } from 'zod';
import { OperatorError } from '../contract/errors.ts';
import {
  fileBytes,
  FilePath,
  maskedChange,
  singleFileKind,
  putFileBack,
  withHiddenInput,
} from './change.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import type { OptionEdit } from './ini-edit.ts';
import { editedIniBytes, editIniFile, optionEditsInput, maskedOptionEdit } from './ini-file.ts';

const Value = z
  .string('write values in quotes, such as "true" or "5"')
  .regex(/^([^\s\p{Cc}](.*[^\s\p{Cc}])?)?$/u, 'expected one line without spaces around it');

const Change = z
  .strictObject({
    section: z
      .string()
      .regex(
        /^[A-Za-z0-9_]([A-Za-z0-9_.:/@*+ -]*[A-Za-z0-9_.:/@*+-])?$/,
        'expected a name such as DEFAULT, without brackets',
      )
      .describe('The section, such as DEFAULT. It is added at the end where it is missing.'),
    option: z
      .string()
      .regex(/^[A-Za-z0-9_/][A-Za-z0-9_./@*+-]*$/, 'expected a name such as compute_driver')
      .describe(
        'The option. A dash in its name is written as an underscore, which is what oslo.config reads; not in a paste file.',
      ),
    value: z
      .union([Value, z.array(Value).min(1)])
      .optional()
      .describe('What it is set to; a list for an option that stands there several times.'),
    absent: z.boolean().default(false).describe('true: the option must not be there.'),
  })
  .refine(({ value, absent }) => absent === (value === undefined), {
    message: 'needs either value, or absent: true',
    path: ['value'],
  });

const Params = z.strictObject({
  path: FilePath.describe('The file on the host. It has to be there.'),
  changes: z
    .array(Change)
    .min(1)
    .refine(
      (all) => new Set(all.map(idOf)).size === all.length,
      'names an option twice: give its values as one list',
    )
    .describe('What is set or taken away, and nothing else of the file.'),
});
type Params = z.infer<typeof Params>;

/**
 * Sets or takes away single options of a configuration file. Comments, order, other options, owner and mode stay. `undo`
 * puts the file back byte for byte; what somebody else wrote meanwhile is set aside as `<path>.hopscotch-kept`.
 */
export const configOptionHandler = defineHandler({
  kind: 'config-option',
  params: Params,
  ...singleFileKind,
  isDone: (params, found) => {
    const text = fileBytes(found);
    if (text !== undefined) return edited(params, text).equals(text);
    if (params.changes.every(({ absent }) => absent)) return true;
    throw new OperatorError(`changing options in ${params.path}: there is no such file`, {
      name: 'NotAFile',
      hint: 'Correct its name, or install what it belongs to in an earlier step.',
    });
  },
  apply: (params) => [editIniFile(params.path, editsOf(params))],
  masked: (params) => optionEditsInput(editsOf(params).map(maskedOptionEdit)),
  undo: (params, before, now) => {
    const text = fileBytes(before);
    const content = text && edited(params, text);
    return putFileBack({ path: params.path, content }, before, now).map(withHiddenInput);
  },
  does: ({ path, changes }) =>
    deedOn(`set ${changes.map(({ option }) => option).join(', ')} in ${path}`, 'write', [path]),
  changes: (params, before) => {
    const text = fileBytes(before);
    return text === undefined ? '' : maskedChange(params.path, text, edited(params, text));
  },
});

const idOf = ({ section, option }: z.infer<typeof Change>): string =>
  `[${section}] ${option.replaceAll('-', '_')}`;

/** A paste file is read by another library than oslo.config, which has options such as filter-with. */
const editsOf = ({ path, changes }: Params): OptionEdit[] =>
  changes.map(({ section, option, value = [] }) => ({
    section,
    option: /paste[^/]*\.(ini|conf)$/.test(path) ? option : option.replaceAll('-', '_'),
    values: typeof value === 'string' ? [value] : value,
  }));

const edited = (params: Params, text: Buffer): Buffer => editedIniBytes(editsOf(params), text);
