import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { readYaml } from '../../../jobs/files/yaml.ts';

const Ssh = z.strictObject({
  user: z.string(),
  port: z.int().min(1).max(65535).default(22),
  knownHosts: z.string().exactOptional(),
  become: z.boolean().exactOptional(),
});
const Form = z.union([z.string(), z.array(z.string()).min(1)]);
const Step = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), mode: z.string() }),
  z.strictObject({ kind: z.literal('service'), name: z.string() }),
]);
const File = z.strictObject({
  ssh: Ssh,
  environment: z.enum(['production', 'verification']).exactOptional(),
  on: Form.exactOptional(),
  hosts: z.record(z.string().regex(/^[a-z]+$/, 'expected small letters'), Ssh).exactOptional(),
  steps: z.array(Step).exactOptional(),
  pair: z
    .strictObject({ a: z.string().exactOptional(), b: z.string().exactOptional() })
    .refine(({ a, b }) => (a === undefined) !== (b === undefined), 'name exactly one of a and b')
    .exactOptional(),
});

function problems(text: string): string[] {
  try {
    readYaml(text, 'f.yaml', File);
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({ name: 'BadFile', disposition: 'stop' });
    return error instanceof OperatorError ? error.message.split('\n').slice(1) : [];
  }
  return [];
}

const ok = 'ssh: { user: ann }\n';

describe('reading YAML', () => {
  it('gives the checked value with its defaults', () => {
    expect(readYaml('ssh:\n  user: ann\n', 'f.yaml', File)).toEqual({
      ssh: { user: 'ann', port: 22 },
    });
  });

  it('follows anchors, aliases and merge keys', () => {
    const text = `ssh: &base { user: ann, become: true }\nhosts:\n  a: *base\n  b: { <<: *base, port: 2222 }\n`;
    expect(readYaml(text, 'f.yaml', File).hosts).toEqual({
      a: { user: 'ann', become: true, port: 22 },
      b: { user: 'ann', become: true, port: 2222 },
    });
  });

  it('keeps the words of YAML 1.2, whatever the file declares', () => {
    const text = '%YAML 1.1\n---\nssh: { user: yes }\n';
    expect(readYaml(text, 'f.yaml', File).ssh.user).toBe('yes');
  });

  it('says how many problems a file has and what to do', () => {
    expect(() => readYaml('ssh: { usr: 1 }', 'f.yaml', File)).toThrow(
      expect.objectContaining({
        message: [
          'reading f.yaml: 2 problems',
          'f.yaml:1:6: ssh.user: missing, expected a string',
          'f.yaml:1:8: ssh.usr: found usr (unknown key), did you mean user?',
        ].join('\n'),
        hint: expect.stringMatching(/Correct these lines/),
      }),
    );
  });

  it.each([
    ['an empty file', '', ['f.yaml:1:1: top level: found nothing (null), expected a mapping']],
    ['a list for a mapping', '- 1\n', ['f.yaml:1:1: top level: found a list, expected a mapping']],
    [
      'a wrong key with a likely meaning',
      'ssh:\n  user: ann\n  knownhost: x\n',
      ['f.yaml:3:3: ssh.knownhost: found knownhost (unknown key), did you mean knownHosts?'],
    ],
    [
      'a wrong key without one',
      'ssh:\n  user: ann\n  colour: red\n',
      [
        'f.yaml:3:3: ssh.colour: found colour (unknown key), expected one of user, port, knownHosts, become',
      ],
    ],
    [
      'a missing key, at its parent',
      'on: x\nssh:\n  port: 22\n',
      ['f.yaml:3:3: ssh.user: missing, expected a string'],
    ],
    [
      'a missing key of the whole file',
      '# comment\non: x\n',
      ['f.yaml:2:1: ssh: missing, expected a mapping'],
    ],
    [
      'an empty value',
      'ssh:\n  user:\n',
      ['f.yaml:2:8: ssh.user: found nothing (null), expected a string'],
    ],
    [
      'a number for a string, as it was written',
      'ssh: { user: 2024.10 }\n',
      [
        'f.yaml:1:14: ssh.user: found 2024.10 (number), expected a string: put it in quotes, "2024.10"',
      ],
    ],
    [
      'a string for a number',
      'ssh: { user: a, port: "22" }\n',
      ['f.yaml:1:23: ssh.port: found "22" (string), expected a number'],
    ],
    [
      'a fraction for a whole number',
      'ssh: { user: a, port: 2.5 }\n',
      ['f.yaml:1:23: ssh.port: found 2.5 (number), expected a whole number'],
    ],
    [
      'a number out of range',
      'ssh: { user: a, port: 0 }\n',
      ['f.yaml:1:23: ssh.port: found 0 (number), expected at least 1'],
    ],
    [
      'a yes for a true',
      'ssh: { user: a, become: yes }\n',
      ['f.yaml:1:25: ssh.become: found "yes" (string), expected true or false'],
    ],
    [
      'a mapping for a string',
      'ssh: { user: { name: a } }\n',
      ['f.yaml:1:14: ssh.user: found a mapping, expected a string'],
    ],
    [
      'a word near one that is allowed',
      `${ok}environment: prodution\n`,
      [
        'f.yaml:2:14: environment: found "prodution" (string), expected one of production, verification: did you mean production?',
      ],
    ],
    [
      'a word far from what is allowed',
      `${ok}environment: lab\n`,
      ['f.yaml:2:14: environment: found "lab" (string), expected one of production, verification'],
    ],
    [
      'neither of two forms',
      `${ok}on: 3\n`,
      ['f.yaml:2:5: on: found 3 (number), expected a string or a list'],
    ],
    [
      'a mistake inside the form that was meant',
      `${ok}on: [a, 3]\n`,
      ['f.yaml:2:9: on[1]: found 3 (number), expected a string: put it in quotes, "3"'],
    ],
    [
      'too short a list',
      `${ok}on: []\n`,
      ['f.yaml:2:5: on: found a list, expected at least 1 entry'],
    ],
    [
      'a bad name of an entry',
      `${ok}hosts:\n  DB: { user: a }\n`,
      ['f.yaml:3:3: hosts.DB: found DB (key), expected small letters'],
    ],
    [
      'an unknown kind',
      `${ok}steps:\n  - kind: files\n    mode: "1"\n`,
      [
        'f.yaml:3:11: steps[0].kind: found "files" (string), expected one of file, service: did you mean file?',
      ],
    ],
    [
      'no kind at all',
      `${ok}steps:\n  - mode: "1"\n`,
      ['f.yaml:3:5: steps[0].kind: missing, expected one of file, service'],
    ],
    [
      'mistakes in an entry of a known kind',
      `${ok}steps:\n  - kind: file\n    mode: 0644\n    mod: x\n`,
      [
        'f.yaml:4:11: steps[0].mode: found 0644 (number), expected a string: put it in quotes, "0644"',
        'f.yaml:5:5: steps[0].mod: found mod (unknown key), did you mean mode?',
      ],
    ],
    [
      'a rule over several keys, in its own words',
      `${ok}pair: { a: x, b: y }\n`,
      ['f.yaml:2:7: pair: found a mapping: name exactly one of a and b'],
    ],
    [
      'a mistake behind an alias, where the alias is used',
      'ssh: { user: &n 5 }\non: *n\n',
      [
        'f.yaml:1:17: ssh.user: found 5 (number), expected a string: put it in quotes, "5"',
        'f.yaml:2:5: on: found 5 (number), expected a string or a list',
      ],
    ],
    [
      'a mistake in what is merged, where it is written',
      `x: &x\n  user: 5\nssh:\n  <<: *x\n`,
      [
        'f.yaml:1:1: x: found x (unknown key), expected one of ssh, environment, on, hosts, steps, pair',
        'f.yaml:2:9: ssh.user: found 5 (number), expected a string: put it in quotes, "5"',
      ],
    ],
    [
      'a key given twice, beside other problems',
      'ssh:\n  user: a\n  port: 1\n  user: b\n  port: x\n',
      [
        'f.yaml:4:3: ssh.user: found user again (duplicate key), expected each key once',
        'f.yaml:5:3: ssh.port: found port again (duplicate key), expected each key once',
        'f.yaml:5:9: ssh.port: found "x" (string), expected a number',
      ],
    ],
    [
      'a key given twice in a list',
      `${ok}steps:\n  - { kind: service, name: a }\n  - { kind: service, name: a, name: b }\n`,
      ['f.yaml:4:31: steps[1].name: found name again (duplicate key), expected each key once'],
    ],
    [
      'a second document',
      `${ok}---\n${ok}`,
      ['f.yaml:2:1: found a second document (---), expected one document a file'],
    ],
    [
      'a broken syntax',
      'ssh: { user: a\non: x\n',
      ['f.yaml:2:1: Flow map in block collection must be sufficiently indented and end with a }'],
    ],
    [
      'an indentation with tabs',
      'ssh:\n\tuser: a\n',
      ['f.yaml:2:1: Tabs are not allowed as indentation'],
    ],
    ['an unknown tag', 'ssh: { user: !secret a }\n', ['f.yaml:1:14: Unresolved tag: !secret']],
    ['an alias of nothing', 'on: *x\n', ['f.yaml:1:5: found *x, expected an anchor &x above']],
    [
      'an alias inside its own anchor',
      'on: &x [*x]\n',
      ['f.yaml:1:9: found *x inside of &x itself, expected no loop'],
    ],
    ['a key that is no word', '? { a: 1 }\n: 2\n', ['f.yaml:1:3: found a mapping, expected a key']],
    [
      'a key that JavaScript keeps for itself',
      `${ok}__proto__: { a: 1 }\n`,
      ['f.yaml:2:1: found __proto__ (key), expected another name'],
    ],
    [
      'a merge of no mapping',
      'ssh: { <<: 5, user: a }\n',
      ['f.yaml:1:1: Merge sources must be maps or map aliases'],
    ],
  ])('finds %s', (_what, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('refuses aliases that unfold without end', () => {
    const levels = [1, 2, 3, 4, 5, 6].map((n) => {
      const aliases = Array.from({ length: 10 }, () => `*l${n - 1}`);
      return `l${n}: &l${n} [${aliases.join(', ')}]\n`;
    });
    const text = `l0: &l0 [x]\n${levels.join('')}`;
    expect(problems(text).join('\n')).toMatch(/f\.yaml:1:1: Excessive alias count/);
  });

  it('cuts a long value short', () => {
    expect(problems(`ssh: { user: a, port: ${'x'.repeat(99)} }`)).toEqual([
      `f.yaml:1:23: ssh.port: found "${'x'.repeat(60)}…" (string), expected a number`,
    ]);
  });
});
