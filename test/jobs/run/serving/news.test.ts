import { describe, expect, it } from '@jest/globals';
import { breachEvent, servingNews, unprobedEvent } from '../../../../jobs/run/serving/news.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import * as e from '../../../support/runs/events.ts';

const plan = e.planOf(e.step('one'), e.step('two'));
function run(...events: readonly RunEvent[]) {
  const first = e.requested(plan);
  if (first.type !== 'RunRequested') throw new Error('it is requested');
  const serving = { services: ['nova', 'glance'], outages: [], instances: true };
  return fold([{ ...first, review: { oddities: [], serving } }, e.hostReady('ctl1'), ...events]);
}
const at = e.after(60);
const change = { probe: 'nova', is: 'down' as const, since: e.after(50) };

describe('what probes tell the log', () => {
  it('is what it does not say yet, and how long an outage was that it never heard of', () => {
    const down = run(e.servingChanged('nova', 'down'));

    expect(servingNews(run(), [change], at)).toMatchObject({ changes: [change] });
    expect(servingNews(down, [change], at)).toBeUndefined();
    const short = { ...change, is: 'up' as const, downMs: 300 };
    expect(servingNews(run(e.servingChanged('nova', 'up')), [short], at)).toMatchObject({
      changes: [short],
    });
    expect(servingNews(run(e.runEnded('succeeded')), [change], at)).toBeUndefined();
  });

  it('wakes people once what should answer has been down for ten seconds, and once for each thing', () => {
    const down = run(e.servingChanged('nova', 'down'));
    expect(breachEvent(down, e.after(9))).toBeUndefined();
    const breach = breachEvent(down, e.after(10));
    expect(breach).toEqual({ type: 'ServingBreached', at: e.after(10), probes: ['nova'] });
    const told = [e.servingChanged('nova', 'down'), breach].filter((one) => one !== undefined);
    expect(breachEvent(run(...told), e.after(20))).toBeUndefined();
    expect(
      breachEvent(run(...told, e.servingChanged('glance', 'down')), e.after(20)),
    ).toMatchObject({ probes: ['nova', 'glance'] });
  });

  it('says of all that was probed that it no longer is, where anything was', () => {
    const when = { at, since: e.after(55) };
    expect(unprobedEvent(run(), when)).toBeUndefined();
    expect(unprobedEvent(run(e.servingChanged('nova', 'notProbed')), when)).toBeUndefined();
    expect(unprobedEvent(run(e.servingChanged('nova', 'up')), when)).toMatchObject({
      changes: [{ probe: 'nova', is: 'notProbed', since: e.after(55), why: 'no prober runs' }],
    });
  });
});
