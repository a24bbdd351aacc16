import { describe, expect, it } from '@jest/globals';
import { checkMessageLimits } from '../../../../bot/views/limits.ts';
import { planFiles } from '../../../../bot/views/plan/plan-files.ts';
import {
  plannedAnswer,
  upgradeDetails,
  upgradeHead,
} from '../../../../bot/views/plan/upgrade-plan.ts';
import type { Plan } from '../../../../jobs/run/plan.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import * as e from '../../../support/runs/events.ts';

const plan = e.planOf(
  e.step('drain', { title: 'drain keystone', gate: 2, notes: ['It is down. [LP 1]'] }),
  e.step('conf', {
    title: 'write nova.conf',
    hosts: ['ctl1', 'cmp1'],
    batch: 1,
    apply: [{ words: ['tee', '/etc/nova/a b'], stdin: 'password = hush\n', secret: true }],
  }),
  e.step('sync', {
    title: 'Kilo: sync nova',
    exit: 'oneWay',
    gate: 1,
    hop: { from: 'juno', to: 'kilo' },
  }),
);
const planned = {
  plan,
  runbook: { overview: ['Upgrade path: Juno, Kilo.'] },
  found: { silent: [] },
};

describe('a plan in Slack', () => {
  it('fits a screen: the upgrade path, and what each approval lets happen', () => {
    expect(drawnMessage(upgradeHead(planned, 'UANN'))).toMatch(
      new RegExp(
        [
          'Plan: Restart nova',
          'Upgrade path: Juno, Kilo\\.',
          '\\*Steps\\* {2}3 steps on 2 hosts, in 2 parts',
          '1–2 {2}drain keystone … {2}· {2}2 approvals {2}· {2}1 thing to know',
          '3 {2}Kilo {2}· {2}1 approval',
          '\\*Rollback\\* {2}one-way: Kilo: sync nova',
          '<@UANN> asked for it; .* plan `[0-9a-f]{6}`$',
        ].join('\\n'),
      ),
    );
  });

  it('is complete in the thread, host by host and word for word, without secrets', () => {
    const seen = upgradeDetails(plan).map(drawnMessage).join('\n');

    expect(seen).toContain(
      '*Part 1*: after 2 approvals\n• *It is down.* [LP 1]\n\n*1. drain keystone*',
    );
    expect(seen).toContain('*2. write nova.conf*  ·  on ctl1, cmp1  ·  1 at a time');
    expect(seen).toContain("`tee '/etc/nova/a b'`");
    expect(seen).not.toContain('hush');
  });

  it('shows a long script once, and elsewhere by its fingerprint', () => {
    const script = 'set -e\n'.repeat(20);
    const step = (id: string) => e.step(id, { apply: [{ words: ['sh', '-c', script] }] });
    const seen = upgradeDetails(e.planOf(step('one'), step('two')))
      .map(drawnMessage)
      .join('\n');

    expect(seen.match(/sh -c ⟨script of 21 lines, sha256 [0-9a-f]{8}⟩/g)).toHaveLength(2);
    expect(seen.match(/^\*Script `[0-9a-f]{8}`\*$/gm)).toHaveLength(1);
    expect(seen.match(/^`set -e`$/gm)).toHaveLength(20);
  });

  it('leads on to the start, for the same services', () => {
    const starts = 'start lab kilo only nova';

    expect(drawnMessage(plannedAnswer(planned, { starts }))).toContain(
      '*Next*  `/upgrade start lab kilo only nova`',
    );
    expect(
      drawnMessage(plannedAnswer(planned, { starts, filesRefused: 'missing_scope' })),
    ).toContain('Slack did not take the files: missing_scope');
  });

  it('says what a rollback restores', () => {
    const head = (...steps: Plan['steps']) =>
      drawnMessage(upgradeHead({ ...planned, plan: e.planOf(...steps) }, 'UANN'));
    const data = e.step('sync', { exit: 'restorable' });
    const whole = e.step('packages', {
      exit: 'restorable',
      restoredBy: 'hosts',
      hosts: ['ctl1', 'cmp1'],
    });

    expect(head(e.step('conf'))).toContain('*Rollback*  every step can be undone\n');
    expect(head(data)).toContain(
      'every step can be undone, or restored from the backup made before it\n',
    );
    expect(head(data, whole)).toContain(
      'the backup made before it; *a person restores whole hosts from snapshots:* ctl1, cmp1\n',
    );
    expect(head(e.step('rows', { title: 'drop rows', exit: 'oneWay' }), whole)).toContain(
      '*Rollback*  one-way: drop rows; *a person restores whole hosts',
    );
  });

  it('says who did not answer', () => {
    const found = { silent: [{ host: 'cmp1', message: 'no answer', hint: '' }] };

    expect(drawnMessage(upgradeHead({ ...planned, found }, 'UANN'))).toContain(
      '✗ *No answer from cmp1*',
    );
  });

  it('fits into messages, however long it is', () => {
    const steps = Array.from({ length: 120 }, (_, index) =>
      e.step(`step-${index}`, {
        title: `Do <${index}> ${'x'.repeat(130)}`,
        gate: 1,
        notes: ['&'.repeat(2000)],
        apply: [{ words: ['sh', '-c', 'echo <&>\n'.repeat(800)] }],
      }),
    );
    const long = { ...planned, plan: e.planOf(...steps) };

    const messages = [upgradeHead(long, 'UANN'), ...upgradeDetails(long.plan)];
    for (const message of messages) expect(() => checkMessageLimits(message)).not.toThrow();
  });
});

describe('a plan as files', () => {
  const [markdown, json] = planFiles(plan);

  it('reads as Markdown', () => {
    expect(markdown?.name).toMatch(/^plan-staging-[0-9a-f]{6}\.md$/);
    expect(markdown?.content).toContain(
      [
        '## Part 1: 2 approvals',
        '',
        '- It is down. [LP 1]',
        '',
        '### 1. drain keystone',
        '',
        '`drain` · command · on ctl1 · reversible',
        '',
        '    sudo -n -- do drain',
      ].join('\n'),
    );
    expect(markdown?.content).toMatch(/# standard input: 16 bytes, sha256 [0-9a-f]{64}/);
  });

  it('parses as JSON, with every command', () => {
    expect(JSON.parse(json?.content ?? '')).toMatchObject({
      cloud: 'staging',
      steps: [
        { id: 'drain', gate: 2, commands: [{ words: ['sudo', '-n', '--', 'do', 'drain'] }] },
        { id: 'conf', hosts: ['ctl1', 'cmp1'], commands: [{ stdin: { bytes: 16 } }] },
        { id: 'sync', exit: 'oneWay' },
      ],
    });
  });

  it('is the same bytes for the same plan, and holds no secret', () => {
    expect(planFiles(structuredClone(plan))).toEqual(planFiles(plan));
    expect(JSON.stringify(planFiles(plan))).not.toContain('hush');
  });
});
