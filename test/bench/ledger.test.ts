import { describe, expect, it } from '@jest/globals';
import { ledgerLines, wrongInLedger } from '../../bench/ledger.ts';

const line = (host: string, step: string): string => `127.0.0.1 50000 ${host} 22 ${step}\n`;
const hosts = ['127.0.1.1', '127.0.1.2'];
const whole = hosts.flatMap((host) => [line(host, 's000'), line(host, 's001')]).join('');
const wrong = (text: string): string | undefined => wrongInLedger(text, { hosts, steps: 2 });

describe('the ledger of a measured run', () => {
  it('holds where each step ran on each host once, in order', () => {
    expect(wrong(whole)).toBeUndefined();
  });

  it('does not hold where a step ran twice, never, in another order, or elsewhere', () => {
    expect(wrong(whole + line('127.0.1.2', 's001'))).toBe('on 127.0.1.2 there ran: s000 s001 s001');
    expect(wrong(line('127.0.1.1', 's000') + line('127.0.1.1', 's001'))).toBe(
      'on 127.0.1.2 there ran: nothing',
    );
    expect(wrong(line('127.0.1.1', 's001') + line('127.0.1.1', 's000') + whole)).toContain(
      's001 s000',
    );
    expect(wrong(whole + line('127.0.1.3', 's000'))).toBe('it ran on 127.0.1.3 as well');
  });

  it('is written by the steps themselves', () => {
    expect(ledgerLines('/l', 2)).toEqual([
      'echo "$SSH_CONNECTION s000" >>/l',
      'echo "$SSH_CONNECTION s001" >>/l',
    ]);
  });
});
