import { createHash } from 'node:crypto';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { SshEnd } from './errors.ts';

/**
 * After a refused login a host is left alone for a while, whoever asks: a step that is followed asks every two seconds, and
 * five refused logins in ten minutes are enough for fail2ban and for sshd's own penalties.
 */
const pausesMs: Readonly<Record<string, readonly number[]>> = {
  AuthenticationRefused: [5_000, 15_000, 60_000, 180_000, 300_000],
  HostThrottled: [2_000, 4_000, 8_000, 16_000, 30_000],
};

export interface Pauses {
  /** Throws what the host said last, while it is to be left alone. */
  readonly check: (hop: SshEnd, privateKey: string) => void;
  /** Takes note of what ended an attempt. */
  readonly failed: (hop: SshEnd, privateKey: string, error: unknown) => void;
  readonly worked: (hop: SshEnd) => void;
}

export function loginPauses(now: () => number = Date.now): Pauses {
  const refused = new Map<string, Refused>();
  return {
    check: (hop, privateKey) => {
      const last = refused.get(nameOf(hop));
      // Another key in the file is another login.
      if (last === undefined || last.print !== printOf(privateKey)) return;
      const leftS = Math.ceil((last.until - now()) / 1000);
      if (leftS > 0) throw said(last.error, leftS);
    },
    failed: (hop, privateKey, error) => {
      if (!(error instanceof OperatorError)) return;
      const pauses = pausesMs[error.name];
      if (pauses === undefined) return;
      const print = printOf(privateKey);
      const last = refused.get(nameOf(hop));
      const count = last?.error.name === error.name && last.print === print ? last.count + 1 : 0;
      const pauseMs = pauses[Math.min(count, pauses.length - 1)] ?? 0;
      refused.set(nameOf(hop), { error, print, count, until: now() + pauseMs });
    },
    worked: (hop) => void refused.delete(nameOf(hop)),
  };
}

interface Refused {
  readonly error: OperatorError;
  readonly print: string;
  readonly count: number;
  readonly until: number;
}

const nameOf = ({ user, address, port }: SshEnd): string => `${user}@[${address}]:${port}`;
const printOf = (privateKey: string): string =>
  createHash('sha256').update(privateKey).digest('hex');

const said = ({ message, hint, disposition, name, cause }: OperatorError, leftS: number) =>
  new OperatorError(`${message} (asked a moment ago; the host is left alone for ${leftS} s more)`, {
    hint,
    disposition,
    name,
    cause,
  });
