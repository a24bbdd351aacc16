import { z } from 'zod';

/** An option that changes with a release. */
export const OptionRule = z.strictObject({
  section: z.string().min(1).describe('Its section, such as DEFAULT.'),
  option: z.string().min(1).describe('Its name.'),
  change: z
    .enum(['removed', 'moved', 'value', 'keep'])
    .describe(
      'value: it stays, its values change. keep: a log proposes a rename that must not be made.',
    ),
  since: z.string().min(1).describe('The release from which on.'),
  to: z.string().min(1).optional().describe('Where it went, or the values it takes now.'),
  note: z.string().min(1).describe('What to know about it.'),
});
export type OptionRule = z.infer<typeof OptionRule>;

/** A line for every option of a configuration file that a rule has something to say about, in the order of the file. */
export function configWarnings(content: string, rules: readonly OptionRule[]): string[] {
  let section = 'DEFAULT';
  return content.split('\n').flatMap((line, index) => {
    section = /^\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const [, option, value = ''] = /^([A-Za-z0-9_.-]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (option === undefined) return [];
    return rules
      .filter((rule) => rule.section === section && same(rule.option, option))
      .flatMap((rule) => warning(rule, value))
      .map((said) => `line ${index + 1}, [${section}] ${option}: ${said}`);
  });
}

// oslo.config takes a dash in an option's name for an underscore.
const same = (a: string, b: string): boolean => a.replaceAll('-', '_') === b.replaceAll('-', '_');

function warning({ change, since, to = 'elsewhere', note }: OptionRule, value: string): string[] {
  switch (change) {
    case 'removed':
      return [`removed since ${since}, so it is passed over. ${note}`];
    case 'moved':
      return [`moved to ${to} since ${since}, so it may be passed over here. ${note}`];
    case 'value':
      return to.split(/, | or /).includes(value)
        ? []
        : [`takes other values since ${since}: ${to}. ${note}`];
    case 'keep':
      return [`keep its name. ${note}`];
  }
}
