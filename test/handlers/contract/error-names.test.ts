import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { errorNames } from '../../../handlers/contract/error-names.ts';
import { OperatorError, isErrorNamed } from '../../../handlers/contract/errors.ts';

const root = join(import.meta.dirname, '../../..');
const sources = ['bot', 'openstack', 'jobs', 'handlers', 'processes', 'sandbox'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('error-names.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8')),
);

describe('the names of errors', () => {
  it('stand in the order of the alphabet, each once', () => {
    expect([...new Set(errorNames)].toSorted()).toEqual(errorNames);
  });

  it.each(errorNames.filter((name) => name !== 'OperatorError'))('%s is thrown', (name) => {
    expect(sources.some((text) => text.includes(`'${name}'`))).toBe(true);
  });

  it('tell errors from each other, whatever their sentences say', () => {
    const error = new OperatorError('reading run x', { name: 'NewerLog', hint: 'Upgrade.' });
    expect(isErrorNamed(error, 'NewerLog')).toBe(true);
    expect(isErrorNamed(error, 'BrokenLog')).toBe(false);
    expect(isErrorNamed(Object.assign(new Error('x'), { name: 'NewerLog' }), 'NewerLog')).toBe(
      false,
    );
  });
});
