import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { rollbackPrice } from '../../../../jobs/run/rollback/rollback-price.ts';
import * as e from '../../../support/runs/events.ts';

const hop = { from: 'juno', to: 'kilo' };
const stop = e.step('stop', {
  kind: 'service',
  params: { name: 'nova-api', state: 'stopped' },
  hop,
});
const backup = e.step('back-up', {
  kind: 'database-backup',
  hosts: ['db1'],
  restores: 'databases',
  hop,
  params: {
    defaultsFile: '/root/h.cnf',
    databases: ['nova', 'glance'],
    directory: '/var/backups/h',
    label: 'juno',
    scratchPrefix: 'proof_',
  },
});
const sync = e.step('sync', { exit: 'restorable', hop });
const rows = e.step('move-rows', { exit: 'oneWay', hop, title: 'Migrate nova online' });
const last = e.step('last', { hop });
const plan = e.planOf(stop, backup, sync, rows, last);

const ran = (id: string, at: number): RunEvent[] => {
  const work = e.work(id, plan.steps.find((step) => step.id === id)?.hosts[0]);
  return [e.atSecond(at, e.started(work)), e.atSecond(at + 5, e.succeeded(work))];
};
const priceAfter = (...events: RunEvent[]) => rollbackPrice(e.readyRun(plan, ...events));

describe('the price of a rollback', () => {
  it('is nothing where nothing began', () => {
    expect(priceAfter()).toBeUndefined();
  });

  it('loses nothing before a schema has moved', () => {
    expect(priceAfter(...ran('stop', 10), ...ran('back-up', 20))).toEqual({
      to: 'stop',
      release: 'juno',
      databases: [],
      byPerson: [],
      steps: 1,
      hosts: ['ctl1'],
      stays: [],
      down: ['nova-api'],
      demand: { people: 1 },
    });
  });

  it('names the databases, the backup and since when what is written is lost', () => {
    expect(priceAfter(...ran('stop', 10), ...ran('back-up', 20), ...ran('sync', 60))).toMatchObject(
      {
        databases: [
          { names: ['nova', 'glance'], at: e.after(20), step: 'back-up', hosts: ['db1'] },
        ],
        lostSince: e.after(20),
        demand: { people: 2 },
      },
    );
  });

  it('names what stays behind a one-way step, and no release that is not reached', () => {
    const begun = ['stop', 'back-up', 'sync', 'move-rows', 'last'];
    const price = priceAfter(...begun.flatMap((id, index) => ran(id, 10 * (index + 1))));
    expect(price).toMatchObject({
      to: 'last',
      databases: [],
      steps: 1,
      stays: [{ id: 'move-rows', title: 'Migrate nova online' }],
      demand: { people: 2, phrase: 'staging keeps move-rows' },
    });
    expect(price).not.toHaveProperty('release');
  });
});
