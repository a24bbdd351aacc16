import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Command } from '../../../handlers/contract/command.ts';
import { editIni, optionEditLines } from '../../../handlers/files/ini-edit.ts';
import { boundHandler, definedCommand, runHere, StepUnderTest } from '../../support/steps/step.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'option it\'s "ä" '));
  path = join(dir, 'nova.conf');
});
afterEach(() => rmSync(dir, { recursive: true }));

const sample = `# The sample of the package
[DEFAULT]
# Virtual driver
#compute_driver = <None>
compute_driver=libvirt.LibvirtDriver
enabled_filters = one,
    two,
    three
pci_alias = a
pci_alias = b

# Of the database
[database]
connection = mysql+pymysql://nova:s3cret@db1/nova
`;

describe('config-option', () => {
  it('changes single options and nothing else, and goes back byte for byte', async () => {
    writeFileSync(path, sample);
    chmodSync(path, 0o640);
    const step = new StepUnderTest('config-option', {
      path,
      changes: [
        { section: 'DEFAULT', option: 'compute_driver', value: 'fake.FakeDriverWithoutFakeNodes' },
        { section: 'DEFAULT', option: 'enabled_filters', absent: true },
        { section: 'DEFAULT', option: 'pci_alias', value: ['a', 'c', "it's $HOME `d`"] },
        { section: 'DEFAULT', option: 'debug', value: 'true' },
        { section: 'workarounds', option: 'disable_compute_service_check_for_ffu', value: 'true' },
      ],
    });

    expect(await step.run()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(`# The sample of the package
[DEFAULT]
# Virtual driver
#compute_driver = <None>
compute_driver=fake.FakeDriverWithoutFakeNodes
pci_alias = a
pci_alias = c
pci_alias = it's $HOME \`d\`
debug = true

# Of the database
[database]
connection = mysql+pymysql://nova:s3cret@db1/nova

[workarounds]
disable_compute_service_check_for_ffu = true
`);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(await step.isDone()).toBe(true);
    expect(await step.back()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(sample);
    expect(readdirSync(dir)).toEqual(['nova.conf']);
  });

  it('sets aside what somebody else wrote meanwhile', async () => {
    writeFileSync(path, sample);
    const step = new StepUnderTest('config-option', {
      path,
      changes: [{ section: 'DEFAULT', option: 'debug', value: 'true' }],
    });
    await step.run();
    writeFileSync(path, 'by hand');

    expect(await step.back()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(sample);
    expect(readFileSync(`${path}.hopscotch-kept`, 'utf8')).toBe('by hand');
  });

  it('leaves a link and a missing file alone', async () => {
    const [edit] = boundHandler('config-option', {
      path,
      changes: [{ section: 'DEFAULT', option: 'debug', value: 'true' }],
    }).apply;
    const missing = { exit: 1, stderr: `config-option: there is no file ${path}\n` };

    expect(await runHere(definedCommand(edit))).toMatchObject(missing);
    symlinkSync('/dev/null', path);
    expect(await runHere(definedCommand(edit))).toMatchObject(missing);
    expect(readdirSync(dir)).toEqual(['nova.conf']);
  });

  it('does on a host what it shows to people, whatever the file holds', async () => {
    const edit = (edits: readonly string[]): Command => {
      const [first] = boundHandler('config-option', { path, changes: [any] }).apply;
      const { words } = definedCommand(first);
      return { words: [...words.slice(0, 5), ...edits] };
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { maxLength: 12 }),
        ends,
        edits,
        async (all, end, wanted) => {
          const text = all.join('\n') + end;
          writeFileSync(path, text, 'latin1');
          const changed = editIni(text, wanted);

          expect(await runHere(edit(optionEditLines(wanted)))).toMatchObject({
            exit: 0,
            stderr: '',
          });
          if (changed !== text) expect(readFileSync(path, 'latin1')).toBe(changed);
          expect(editIni(changed, wanted)).toBe(changed);
        },
      ),
      { numRuns: Number(process.env['MODEL_RUNS'] ?? 40) },
    );
  });
});

const any = { section: 'DEFAULT', option: 'x', absent: true };
const lines = fc.oneof(
  fc.constantFrom(
    '[DEFAULT]',
    '[a]',
    '[A] ',
    '[a]  # it',
    '[b c]',
    '',
    '  ',
    '\t',
    '# a = 1',
    ';b',
  ),
  fc.constantFrom('a=1', 'a = 1', 'a : 1', 'a', 'a-b =', 'a_b=  2 ', '\ta = 1', '  more', 'b =1\r'),
  fc.constantFrom('a = \xe4\xa0', 'a\xa0= 1', 'c = a = b', 'b: x = y', '[', '[]', '= 1', 'a\f=\v1'),
);
const ends = fc.constantFrom('', '\n', '\n\n');
const edits = fc.uniqueArray(
  fc.record({
    section: fc.constantFrom('DEFAULT', 'a', 'b c', 'new'),
    option: fc.constantFrom('a', 'b', 'a_b', 'a-b', 'c'),
    values: fc.array(fc.constantFrom('1', '', 'x = y', 'a b', '2', '[a] b', '= 3', '\\n&'), {
      maxLength: 3,
    }),
  }),
  {
    minLength: 1,
    maxLength: 3,
    selector: ({ section, option }) => section + option,
  },
);
