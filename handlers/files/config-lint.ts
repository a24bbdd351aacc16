import { z } from 'zod';
import { sectionKey } from './ini-edit.ts';
import { readOsloOptions } from './oslo-config.ts';

/** An option that changes with a release. */
export const OptionRule = z.strictObject({
  section: z.string().min(1).describe('Its section, such as DEFAULT; *: any.'),
  option: z.string().min(1).describe('Its name.'),
  change: z
    .enum(['removed', 'moved', 'value', 'gone', 'keep'])
    .describe(
      'value: it stays, its values change. gone: some values name what is gone. keep: a log proposes a rename that must not be made.',
    ),
  since: z.string().min(1).describe('The release from which on.'),
  to: z.string().min(1).optional().describe('Where it went, or the values it takes now.'),
  values: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('gone: the values; of a class, its last name is enough.'),
  note: z.string().min(1).describe('What to know about it.'),
});
export type OptionRule = z.infer<typeof OptionRule>;

/** A line for every option of a configuration file that a rule has something to say about, in the order of the file. */
export const configWarnings = (content: string, rules: readonly OptionRule[]): string[] =>
  readOsloOptions(content).flatMap(({ line, section, option, value }) =>
    rules
      .filter((rule) => isAbout(rule, section, option))
      .flatMap((rule) => warning(rule, value))
      .map((said) => `line ${line}, [${section}] ${option}: ${said}`),
  );

/**
 * Whether a rule is about an option as a file names it: a section counts in any case but DEFAULT, an option to the letter;
 * one with a dash is read by nobody.
 */
export const isAbout = (
  rule: Pick<OptionRule, 'section' | 'option'>,
  section: string,
  option: string,
): boolean =>
  (rule.section === '*' || sectionKey(rule.section) === sectionKey(section)) &&
  rule.option.replaceAll('-', '_') === option;

/** What of a list of values names something that is gone. `a.b.SomeFilter` and `name:description` count by their names. */
export function valuesGone({ values = [] }: Pick<OptionRule, 'values'>, value: string): string[] {
  return value
    .split(/[\s,]+/)
    .map((one) => one.replace(/:.*$/, ''))
    .filter((one) => values.includes(one) || values.includes(one.split('.').at(-1) ?? one));
}

function warning(rule: OptionRule, value: string): string[] {
  const { change, since, to = 'elsewhere', note } = rule;
  switch (change) {
    case 'removed':
      return [`removed since ${since}, so it is passed over. ${note}`];
    case 'moved':
      return [`moved to ${to} since ${since}, so it may be passed over here. ${note}`];
    case 'value':
      return to.split(/, | or /).includes(value)
        ? []
        : [`takes other values since ${since}: ${to}. ${note}`];
    case 'gone': {
      const gone = valuesGone(rule, value);
      return gone.length === 0 ? [] : [`names ${gone.join(', ')}, gone since ${since}. ${note}`];
    }
    case 'keep':
      return [`keep its name. ${note}`];
  }
}
