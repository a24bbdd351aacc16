import { describe, expect, it } from '@jest/globals';
import { fold } from '../../../jobs/run/fold.ts';
import { canonicalJson } from '../../../jobs/run/plan.ts';
import { eventSchema, readEvent, storedEvent } from '../../../jobs/run/upcast.ts';
import { earlierLog, eventsOf } from '../../support/runs/earlier-logs.ts';
import * as e from '../../support/runs/events.ts';

const [upgrade, notes] = [eventsOf(earlierLog('upgrade')), eventsOf(earlierLog('notes'))];

const stored = (event: object, schema: unknown): unknown =>
  JSON.parse(canonicalJson({ ...event, schema }));

describe('an event in the log', () => {
  it('says its schema, and reads as it was written', () => {
    const requested = e.requested(
      e.planOf(e.step('sync', { hop: { from: 'juno', to: 'kilo' }, purpose: 'sync-schema' })),
    );
    const written = JSON.parse(canonicalJson(storedEvent(requested)));

    expect(written).toMatchObject({ type: 'RunRequested', schema: eventSchema });
    expect(readEvent(written, '7f3a12')).toEqual(requested);
  });

  it.each([
    ['of the next schema', e.hostReady('ctl1'), eventSchema + 1],
    ['of a type that nobody knows yet', { type: 'MoonRose', at: e.after(0) }, eventSchema + 40],
  ])('%s is refused, with the versions and what to do', (_what, event, schema) => {
    expect(() => readEvent(stored(event, schema), '7f3a12')).toThrow(
      expect.objectContaining({
        name: 'NewerLog',
        message: `reading run 7f3a12: a newer version of Hopscotch wrote its log (schema ${schema}; this process reads up to ${eventSchema})`,
        hint: expect.stringContaining('Upgrade every bot and worker'),
      }),
    );
  });

  it.each(['2', 1.5, null, {}])('with %j for a schema is none', (schema) => {
    expect(() => readEvent(stored(e.hostReady('ctl1'), schema), '7f3a12')).toThrow();
  });
});

describe('an event of the first schema, which nobody wrote down', () => {
  const [first] = upgrade;
  const steps = first?.type === 'RunRequested' ? first.plan.steps : [];

  it('says the hop of the steps that were planned for one, and of no other', () => {
    expect(steps.map(({ id, hop }) => `${id} ${hop?.to}`).slice(0, 6)).toEqual([
      'drain-keystone-public undefined',
      'hold-services undefined',
      'kilo-keystone-token-flush kilo',
      'kilo-keystone-cron-off kilo',
      'kilo-keystone-memcached kilo',
      'kilo-stop-apache2 kilo',
    ]);
    const [own] = notes;
    expect(own?.type === 'RunRequested' && own.plan.steps.some(({ hop }) => hop)).toBe(false);
  });

  it('says what its plan was for', () => {
    expect(fold(upgrade).plan.origin).toEqual({ of: 'upgrade', release: 'kilo' });
    expect(fold(notes).plan.origin).toBeUndefined();
    const healing = { ...e.planOf(e.step('sync')), runbook: 'openstack:heal' };
    expect(readEvent(JSON.parse(canonicalJson(e.requested(healing))), '7f3a12')).toMatchObject({
      plan: { origin: { of: 'healing' } },
    });
  });

  it('says which step of a fix does another one once more', () => {
    const again = upgrade.flatMap((event) =>
      event.type === 'WayOutChosen' ? event.steps.map(({ id, again: of }) => [id, of]) : [],
    );

    expect(again).toEqual([
      ['kilo-keystone-daemon-off-w1', undefined],
      ['kilo-start-apache2-w1', 'kilo-start-apache2'],
    ]);
  });

  it('says that a command ended a step, and keeps the words of any other failure', () => {
    const failed = upgrade.find(({ type }) => type === 'StepFailed');
    const {
      command: _command,
      exit: _exit,
      ...other
    } = e.failed(e.work('sync')) as {
      command?: string;
      exit?: number;
    };

    expect(failed).toMatchObject({ cause: 'exit', exit: 1, command: '/etc/init.d/apache2 start' });
    expect(failed).not.toHaveProperty('reason');
    expect(readEvent(JSON.parse(canonicalJson(other)), '7f3a12')).toEqual(other);
  });
});
