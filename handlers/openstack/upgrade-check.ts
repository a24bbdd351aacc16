import { z } from 'zod';
import { OkExits, UserName, CommandWords } from '../contract/command.ts';
import { deedOfChecking } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { pythonCommand } from '../contract/python.ts';
import { upgradeCheckPython } from './scripts/embedded.ts';

/**
 * Asks a service's own check whether it is ready, such as `nova-status upgrade check`, and shows what each of its checks says.
 * It changes nothing.
 */
export const upgradeCheckHandler = defineHandler({
  kind: 'upgrade-check',
  params: z
    .strictObject({
      service: z.string().min(1).describe('The service that is checked.'),
      run: CommandWords.describe('The command line of the check, a word an entry.'),
      user: UserName.describe('The user it runs as.'),
      json: z
        .boolean()
        .default(false)
        .describe('Adds --json, where the program has it. nova-status has not.'),
      okExits: OkExits.default([0, 1]).describe(
        'Exit codes to go on with: 0 well, 1 a warning, 2 a failure, 255 a crash. Default: [0, 1].',
      ),
    })
    // It ends with 2, as it does when a check failed.
    .refine(({ run, json }) => !/(^|\/)nova-status$/.test(run[0] ?? '') || !asksJson(run, json), {
      message: 'nova-status takes no --json: its exit 2 would look like a failed check',
      path: ['json'],
    }),
  before: z.strictObject({}),
  timeoutMs: 15 * 60_000,
  reversibility: () => 'reversible',
  probe: () => [],
  parse: () => ({}),
  isDone: () => undefined,
  apply: ({ service, run, user, json, okExits }) => [
    pythonCommand(
      upgradeCheckPython,
      [service, okExits.join(' '), ...run, ...(json && !run.includes('--json') ? ['--json'] : [])],
      { as: user, okExits },
    ),
  ],
  undo: () => [],
  does: ({ run }) => deedOfChecking(`check ${run.join(' ')}`),
  changes: () => '',
});

const asksJson = (run: readonly string[], json: boolean): boolean => json || run.includes('--json');
