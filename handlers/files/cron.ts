import { z } from 'zod';
import { command, type Command, type CommandOutput, UserName } from '../contract/command.ts';
import { unifiedDiff } from '../contract/diff.ts';
import { OperatorError } from '../contract/errors.ts';
import { isUtf8Text } from './change.ts';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { maskBoth } from '../redaction/redact.ts';
import { cronChangeShell, cronLookShell } from './scripts/embedded.ts';

const oneLine = z.string().regex(/^[^\n\0]*\S[^\n\0]*$/, 'expected one line of text');

const Params = z
  .strictObject({
    user: UserName.describe('Whose crontab it is.'),
    match: oneLine.describe(
      'Text that the line must hold. Lines that are commented out do not count.',
    ),
    state: z
      .enum(['absent', 'present'])
      .describe('absent: no line holds the text. present: one does, and it is `line`.'),
    line: oneLine
      .refine((line) => !isComment(line), 'is commented out')
      .optional()
      .describe('The whole line, for state: present.'),
  })
  .refine(({ state, line }) => (state === 'present') === (line !== undefined), {
    message: 'state: present needs it, and absent does not take it',
    path: ['line'],
  })
  .refine(({ match, line }) => line === undefined || line.includes(match), {
    message: 'does not hold the text of `match`',
    path: ['line'],
  });
type Params = z.infer<typeof Params>;

const Crontab = z.strictObject({
  /** Base64, since it need not be UTF-8; null when the user has none. */
  content: z.base64().nullable(),
});
type Crontab = z.infer<typeof Crontab>;

/**
 * Sees that a line is in a user's crontab, or is not. All other lines stay byte for byte. `undo` puts the whole crontab
 * back as it was; what somebody else changed since is printed before it goes.
 */
export const cronHandler = defineHandler({
  kind: 'cron',
  params: Params,
  before: Crontab,
  timeoutMs: 60_000,
  reversibility: () => 'reversible',
  probe: ({ user }) => [command(['sh', '-c', cronLookShell, 'sh', user])],
  parse: ([output], { user }) => read(output, user),
  isDone: (params, found) => wanted(params, found).equals(bytes(found)),
  apply: ({ user, match, state, line = '' }) => [
    command(['sh', '-c', cronChangeShell, 'sh', user, state, match, line]),
  ],
  undo: (params, before, now) => {
    const { user } = params;
    if (before.content === now.content) return [];
    const isForeign = now.content !== null && !bytes(now).equals(wanted(params, before));
    return [
      ...(isForeign ? [command(['crontab', '-u', user, '-l'])] : []),
      before.content === null
        ? command(['crontab', '-u', user, '-r'])
        : install(user, bytes(before)),
    ];
  },
  does: ({ user, state, match }) =>
    deedOn(`${state === 'absent' ? 'remove' : 'set'} ${match} in the crontab of ${user}`, 'write', [
      `crontab of ${user}`,
    ]),
  changes: (params, found) => {
    const [before, now] = [bytes(found), wanted(params, found)];
    if (before.equals(now)) return '';
    if (!isUtf8Text(before)) return `crontab of ${params.user}: not text, ${before.length} bytes`;
    const [from, to] = maskBoth(String(before), String(now));
    return unifiedDiff(from, to, {
      from: found.content === null ? '/dev/null' : `crontab of ${params.user}`,
      to: `crontab of ${params.user}`,
    });
  },
});

const bytes = ({ content }: Crontab): Buffer => Buffer.from(content ?? '', 'base64');

const isComment = (line: string): boolean => /^[ \t]*#/.test(line);

const latin = (text: string): string => Buffer.from(text).toString('latin1');

/** As the script `cronChangeShell` leaves it. Latin-1 keeps every byte. */
function wanted({ match, state, line }: Params, found: Crontab): Buffer {
  const lines =
    bytes(found)
      .toString('latin1')
      .match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const isOurs = (one: string): boolean => !isComment(one) && one.includes(latin(match));
  const first = state === 'present' ? lines.findIndex(isOurs) : -1;
  const kept = lines.flatMap((one, index) => {
    if (index === first) return [`${latin(line ?? '')}\n`];
    return isOurs(one) ? [] : [one];
  });
  const added = state === 'present' && first === -1 ? [`${latin(line ?? '')}\n`] : [];
  return Buffer.from([...kept, ...added].join(''), 'latin1');
}

function install(user: string, content: Buffer): Command {
  if (isUtf8Text(content))
    return command(['crontab', '-u', user, '-'], { stdin: String(content), secret: true });
  return command(['sh', '-c', 'base64 -d | crontab -u "$1" -', 'sh', user], {
    stdin: content.toString('base64'),
    secret: true,
  });
}

function read(output: CommandOutput | undefined, user: string): Crontab {
  const [first = '', ...content] = (output?.stdout ?? '').split('\n');
  if (first === 'crontab') return { content: content.join('') };
  if (first.startsWith('none no crontab for ')) return { content: null };
  if (first === 'missing')
    throw new OperatorError(`reading the crontab of ${user}: the host has no program crontab`, {
      name: 'CrontabMissing',
      hint: 'Install the package cron in an earlier step, or leave the step out.',
    });
  const said = [first.replace(/^none /, ''), ...content].join(' ').trim();
  throw new OperatorError(`reading the crontab of ${user}: ${said || 'the host did not answer'}`, {
    name: 'CrontabUnreadable',
    hint: "Correct the name of the user; another one's crontab needs `become: true` in the cloud file.",
  });
}

// By the shell alone, which takes any bytes in the locale C and matches a quoted text as it is.
