import { describe, expect, it } from '@jest/globals';
import { openRedaction, redactedEvent } from '../../../../jobs/redis/seal/redacted-store.ts';
import { plainKeeping } from '../../../../jobs/redis/seal/seal.ts';
import { evolve, fold } from '../../../../jobs/run/fold.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import * as e from '../../../support/runs/events.ts';

const content = '[database]\nconnection = mysql+pymysql://nova:Pl4nted%2Fdb@db1/nova\n';
const before = { content: Buffer.from('rpc_secret = 0ld-Pl4nted\n').toString('base64') };
const plan = e.planOf(
  e.step('conf', {
    params: {
      content,
      changes: [{ option: 'admin_password', value: 'Pl4nted-option' }],
      password: 'Pl4nted-param',
    },
    apply: [
      { words: ['curl', '-u', 'admin:Pl4nted-word', 'http://h'], stdin: 'token=Pl4nted-stdin\n' },
    ],
  }),
);
const run = evolve(fold([e.requested(plan)]), e.started(e.work('conf'), { before }));
const redact = openRedaction(plainKeeping)(run);
const at = e.after(0);
const work = e.work('conf');

const secrets = [
  'Pl4nted/db',
  '0ld-Pl4nted',
  'Pl4nted-option',
  'Pl4nted-param',
  'Pl4nted-word',
  'Pl4nted-stdin',
];

describe('what a run knows to be secret', () => {
  it.each(secrets)('%s is masked in every word for people', (secret) => {
    const words = `before ${secret} and ${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')}`;
    const events: RunEvent[] = [
      { type: 'StepFailed', at, work, tail: words, reason: words, hint: words, command: words },
      { type: 'StepUnknown', at, work, evidence: words },
      { type: 'StepStopped', at, work, alive: [{ pid: 1, command: words }], unseen: words },
      { type: 'LinkLost', at, work, reason: words },
      { type: 'HostRefused', at, host: 'ctl1', reason: words, hint: words },
      { type: 'ProofGiven', at, by: 'UANN', work, proof: words },
      { type: 'Rejected', at, by: 'UBEN', gate: 'conf', reason: words },
    ];
    for (const event of events) {
      const said = JSON.stringify(redactedEvent(event, redact));
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
      ])
        expect(said).not.toContain(form);
    }
  });

  it('reads the same mark within a run and another one in another', () => {
    const [first, again] = [redact('Pl4nted-option'), redact('x Pl4nted-option')];
    const other = openRedaction(plainKeeping)({ ...run, id: 'beef00' })('Pl4nted-option');

    expect(first).toMatch(/^\[REDACTED-[0-9a-f]{4}\]$/);
    expect(again).toBe(`x ${first}`);
    expect(other).not.toBe(first);
    expect(redact('Pl4nted-param')).not.toBe(first);
  });

  it('stays in what runs and in what undo needs', () => {
    const started = e.started(work, { before, commands: [{ words: ['echo', 'Pl4nted-word'] }] });

    expect(redactedEvent(started, redact)).toEqual(started);
  });
});
