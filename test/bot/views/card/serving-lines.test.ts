import { describe, expect, it } from '@jest/globals';
import { servingLines } from '../../../../bot/views/card/serving-lines.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import type { ProbeChange } from '../../../../jobs/run/serving/probe-change.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import { runCard } from '../../../../bot/views/card/run-card.ts';
import * as e from '../../../support/runs/events.ts';

const plan = e.planOf(e.step('one'), e.step('two'), e.step('three'));
const look = { now: e.after(600), dates: 'plain' as const };
const change = (probe: string, is: ProbeChange['is'], rest: Partial<ProbeChange> = {}) => ({
  probe,
  is,
  since: e.after(60),
  ...rest,
});

function run(changes: readonly ProbeChange[], ...events: readonly RunEvent[]) {
  const first = e.requested(plan);
  if (first.type !== 'RunRequested') throw new Error('it is requested');
  const outages = [{ service: 'nova', from: 'one', to: 'two' }];
  const serving = { services: ['nova', 'keystone', 'glance'], outages, instances: true };
  return fold(
    e.inOrder(
      { ...first, review: { oddities: [], serving } },
      e.hostReady('ctl1'),
      e.approvalRequested('one'),
      e.gateApproved('one', plan),
      ...(changes.length === 0
        ? []
        : [{ type: 'ServingChanged' as const, at: e.after(61), changes: [...changes] }]),
      ...events,
    ),
  );
}

describe('the line about the cloud', () => {
  it.each([
    ['nothing where nothing is probed', [], []],
    [
      'that all answer',
      [change('nova', 'up'), change('glance', 'up'), change('canary', 'up')],
      ['all 2 APIs answer  ·  canary instance answers'],
    ],
    [
      'what is down as approved, since when, and what answers',
      [change('nova', 'down'), change('glance', 'up')],
      ['nova down since 02:01 UTC, as approved  ·  glance answers'],
    ],
    [
      'what is down against what was approved',
      [change('nova', 'down'), change('glance', 'down', { why: 'HTTP 503' })],
      ['nova down since 02:01 UTC, as approved  ·  *glance down since 02:01 UTC, not as approved*'],
    ],
    [
      'all APIs in one word',
      [change('keystone', 'down'), change('glance', 'down')],
      ['*APIs down since 02:01 UTC, not as approved*'],
    ],
    [
      'what was not probed, and why',
      [change('nova', 'notProbed', { why: 'no prober' }), change('canary', 'down')],
      ['nova not probed since 02:01 UTC (no prober)  ·  *canary instance silent since 02:01 UTC*'],
    ],
  ])('says %s', (_what, changes, lines) => {
    expect(servingLines(run(changes), look)).toEqual(lines);
  });

  it('says how long each was down once the run has ended', () => {
    const changes = [change('nova', 'up', { downMs: 41_000 }), change('glance', 'up')];

    expect(servingLines(run(changes, e.runEnded('succeeded')), look)).toEqual([
      'all 2 APIs answer  ·  down in all: nova 41 s',
    ]);
  });

  it('stands on the card of a run that is held, with what to do', () => {
    const done = [e.started(e.work('one')), e.succeeded(e.work('one'))];
    const card = runCard(
      run([change('glance', 'down', { why: 'HTTP 503' })], ...done),
      e.after(600),
      'plain',
    );

    const drawn = drawnMessage(card);
    expect(drawn).toContain(
      '*Now*  *glance should answer and does not* (HTTP 503): nothing new starts meanwhile',
    );
    expect(drawn).toContain('*Cloud*  *glance down since 02:01 UTC, not as approved*');
    expect(drawn).toContain('*Next*  *two* starts once it answers; Resume goes on without it');
    expect(drawn).toContain('[Resume] [Roll back…] [Output] [More…]');
  });
});
