import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import type { SshTarget } from '../../../jobs/ssh/target.ts';
import { rejection } from '../eventually.ts';
import { type SshdOptions, type TestSshd, startTestSshd } from './sshd.ts';

/** The input of a case of `test/cases`, as it was reported. */
export const givenIn = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../cases', `${name}.txt`), 'utf8');

/** Hosts with an sshd each, and whatever else a test starts, ended after it. */
export interface TestSshHosts {
  readonly host: (options?: SshdOptions) => Promise<TestSshd>;
  /** What is said of a host that gives no connection. */
  readonly refusal: (target: SshTarget) => Promise<OperatorError>;
  readonly afterwards: (end: () => Promise<unknown> | void) => void;
}

export function testSshHosts(): TestSshHosts {
  let ending: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const end of ending.toReversed()) await end();
    ending = [];
  });
  const afterwards = (end: () => Promise<unknown> | void): void => void ending.push(end);
  return {
    afterwards,
    host: async (options = {}) => {
      const sshd = await startTestSshd(options);
      afterwards(() => sshd.stop());
      return sshd;
    },
    refusal: async (target) => {
      const ssh = openSsh();
      afterwards(() => ssh.close());
      const error = await rejection(ssh.exec(target, { command: 'true' }));
      if (error instanceof OperatorError) return error;
      throw error;
    },
  };
}
