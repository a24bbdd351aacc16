import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { signatureOf } from '../../../openstack/repair/signature.ts';
import { knowledge } from '../known.ts';
import { reportedCauses } from './reported-causes.ts';

const folder = join(import.meta.dirname, '../../cases');
const Failure = z.strictObject({ kind: z.string(), exit: z.int(), output: z.string() });
const read = (name: string): z.infer<typeof Failure> =>
  Failure.parse(parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')));

describe('a failure that was reported in public', () => {
  it.each(Object.entries(reportedCauses))('%s is recognised as %s', (name, cause) => {
    expect(signatureOf(read(name), knowledge.signatures)?.id).toBe(cause);
  });

  it('has a case for each that is kept', () => {
    const failures = readdirSync(folder).filter(
      (file) => file.endsWith('.yaml') && !/^(?:06|21)-/.test(file),
    );
    expect(failures.map((file) => file.replace('.yaml', ''))).toEqual(Object.keys(reportedCauses));
  });

  it('is never told that the program gives no reason where one is printed', () => {
    for (const name of Object.keys(reportedCauses))
      expect(signatureOf(read(name), knowledge.signatures)?.id).not.toBe('reason-in-log');
  });
});
