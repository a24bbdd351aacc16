import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { z } from 'zod';
import { configWarnings, type OptionRule } from '../../../handlers/files/config-lint.ts';
import { editIni, sectionKey, type OptionEdit } from '../../../handlers/files/ini-edit.ts';
import { readOsloOptions } from '../../../handlers/files/oslo-config.ts';

/** What oslo.config of Debian has read of a file: its sections as it looks them up; null: it refuses the file. */
type OsloSections = Record<string, Record<string, string[]>> | null;

const python = `import json, sys, tempfile
from oslo_config import cfg
said = []
for text in json.load(sys.stdin):
    with tempfile.NamedTemporaryFile("wb", suffix=".conf") as file:
        file.write(text.encode("utf-8")); file.flush()
        sections, normalized = {}, {}
        parser = cfg.ConfigParser(file.name, sections)
        parser._add_normalized(normalized)
        try:
            parser.parse(); said.append(normalized)
        except cfg.ParseError:
            said.append(None)
json.dump(said, sys.stdout)`;

const oslo = (texts: readonly string[]): OsloSections[] =>
  z.array(z.record(z.string(), z.record(z.string(), z.array(z.string()))).nullable()).parse(
    JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', python], {
        input: JSON.stringify(texts),
        encoding: 'utf8',
      }),
    ),
  );

const line = fc.oneof(
  fc.constantFrom(
    '[DEFAULT]',
    '[default]',
    '[Nova]',
    '[nova]',
    '[NOVA]  ',
    '[b c]',
    '[b:c]',
    '[a]b]',
  ),
  fc.constantFrom('', '   ', '# a = 1', ';a = 2', '#[nova]', '[nova]'),
  fc.constantFrom('a = 1', 'a=2', 'a: 3', 'a : x = y', 'a = x: y', 'A = 4', 'a-b = 5', 'a_b = 6'),
  fc.constantFrom(
    'a =',
    'a = "q"',
    "a = 'q'",
    'a = "q',
    'a = "',
    'a = # no comment',
    'a = 1 ; 2',
    'a.b = 7',
  ),
  fc.constantFrom('  more', '\tmore = 1', '  # no comment either', '  [nova]', 'a = 1\r', 'a = ä'),
);
const files = fc.record({
  text: fc
    .tuple(fc.array(line, { maxLength: 14 }), fc.constantFrom('\n', '', '\n\n'))
    .map(([all, end]) => `[DEFAULT]\n${all.join('\n')}${end}`),
  edit: fc.record({
    section: fc.constantFrom('DEFAULT', 'nova', 'Nova', 'b c', 'new'),
    option: fc.constantFrom('a', 'a_b', 'z', 'A'),
    values: fc.array(fc.constantFrom('1', 'x = y', '#5', 'a b', '[nova]'), { maxLength: 2 }),
  }),
});
// The indented lines that follow nothing are refused, so most are drawn for nothing.
const drawn = fc.sample(files, { numRuns: 900, seed: 16 });
const read = oslo(drawn.map(({ text }) => text));
const accepted = drawn.flatMap(({ text, edit }, index) => {
  const sections = read[index];
  return sections === null || sections === undefined ? [] : [{ text, edit, sections }];
});

const ours = (text: string): Record<string, Record<string, string[]>> => {
  const found: Record<string, Record<string, string[]>> = {};
  for (const { section, option, value } of readOsloOptions(text))
    ((found[sectionKey(section)] ??= {})[option] ??= []).push(value);
  return found;
};
const filled = (sections: Record<string, Record<string, string[]>>) =>
  Object.fromEntries(Object.entries(sections).filter(([, one]) => Object.keys(one).length > 0));
const wanted = (
  sections: Record<string, Record<string, string[]>>,
  { section, option, values }: OptionEdit,
) => {
  const { [option]: _was, ...others } = sections[sectionKey(section)] ?? {};
  return filled({
    ...sections,
    [sectionKey(section)]: { ...others, ...(values.length > 0 && { [option]: [...values] }) },
  });
};
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const edited = (text: string, edit: OptionEdit): string =>
  Buffer.from(editIni(latin1(text), [edit]), 'latin1').toString();

describe('files as the real oslo.config reads them', () => {
  it('are read without a difference, 200 odd ones at least', () => {
    expect(accepted.length).toBeGreaterThanOrEqual(200);
    for (const { text, sections } of accepted)
      expect({ text, found: ours(text) }).toEqual({ text, found: filled(sections) });
  });

  it('are edited so that it finds what was wanted, and all else as before', () => {
    const after = oslo(accepted.map(({ text, edit }) => edited(text, edit)));

    for (const [index, { text, edit, sections }] of accepted.entries())
      expect({ text, edit, found: filled(after[index] ?? {}) }).toEqual({
        text,
        edit,
        found: wanted(sections, edit),
      });
  });

  it('21-option-with-a-dash: has the option by the name that is read', () => {
    const text = readFileSync('test/cases/21-option-with-a-dash.conf', 'utf8');
    const { section, option, value } = z
      .object({ section: z.string(), option: z.string(), value: z.string() })
      .parse(parse(readFileSync('test/cases/21-option-with-a-dash.yaml', 'utf8')));
    const after = edited(text, { section, option, values: [value] });

    expect(after.split('\n')).toContain(`${option} = ${value}`);
    expect(oslo([after])[0]?.[section]?.[option]).toEqual([value]);
  });

  it('are checked for options that it reads, in any case of the section', () => {
    const rule: OptionRule = {
      section: 'workarounds',
      option: 'a_b',
      change: 'removed',
      since: 'zed',
      note: 'x',
    };
    const text = '[Workarounds]\na-b = 1\na_b : 2\n  a_b = 3\n[WORKAROUNDS]\n# a_b = 1\na_b = 4';

    expect(configWarnings(text, [rule]).map((said) => said.split(':')[0])).toEqual([
      'line 3, [Workarounds] a_b',
      'line 7, [WORKAROUNDS] a_b',
    ]);
  });
});
