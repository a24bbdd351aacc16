import { describe, expect, it } from '@jest/globals';
import { hostsOnCloud } from '../../../../jobs/files/runbook.ts';
import { planWarm, warmCloud } from '../../warm-cloud.ts';

interface Told {
  readonly name?: string;
  readonly state?: string;
  readonly units?: readonly string[];
  readonly now?: string;
  readonly rollback?: string;
}

const control = ['ctl1', 'ctl2', 'img1'];
const steps = planWarm().steps.map(({ id, title, kind, purpose, on, params }) => ({
  id,
  title,
  kind,
  purpose,
  hosts: hostsOnCloud(warmCloud, on),
  told: params as Told,
}));
type Step = (typeof steps)[number];

const places = ({ hosts, told }: Step): string[] =>
  hosts.flatMap((host) => (told.units ?? [told.name ?? '']).map((unit) => `${host} ${unit}`));
const turning = steps.filter(
  ({ kind, hosts }) =>
    ['service', 'neighbours'].includes(kind) && hosts.some((host) => control.includes(host)),
);

/** Runs so many steps, then goes back; answers what ran at each restore of the databases, and in the end. */
function playedBack(count: number): { readonly atRestore: string[]; readonly end: string[] } {
  const running = new Set(start);
  const undo: (() => void)[] = [];
  const atRestore: string[] = [];
  for (const step of steps.slice(0, count)) {
    if (step.kind === 'database-backup' && isFollowed(step, count))
      undo.push(() => void atRestore.push(...running));
    if (!turning.includes(step)) continue;
    const before = places(step).filter((one) => running.has(one));
    turn(step, running);
    undo.push(() => {
      const { rollback } = step.told;
      if (rollback === 'leave') return;
      if (rollback !== 'start') for (const one of places(step)) running.delete(one);
      if (rollback !== 'stop') for (const one of before) running.add(one);
    });
  }
  for (const one of undo.toReversed()) one();
  return { atRestore, end: [...running].toSorted() };
}

/** By a step that changes something: otherwise there is nothing to restore. */
const isFollowed = (backup: Step, count: number): boolean =>
  steps.slice(steps.indexOf(backup) + 1, count).some(({ purpose }) => purpose !== 'check');

function turn(step: Step, running: Set<string>): void {
  const { state, now } = step.told;
  if (now === 'leave') return;
  for (const one of places(step))
    if (now !== undefined || state === 'stopped') running.delete(one);
    else running.add(one);
}

const start = [
  ...new Set(
    turning
      .filter(({ told }) => told.now !== undefined || told.state === 'stopped')
      .flatMap(places),
  ),
].toSorted();

describe('control hosts that take turns while others serve', () => {
  it('have nothing running when databases are restored, and in the end what ran, wherever it goes back from', () => {
    expect(start).toHaveLength(31);
    for (let count = 1; count <= steps.length; count++)
      expect([count, playedBack(count)]).toEqual([count, { atRestore: [], end: start }]);
  });

  it('leave nobody without a host that serves, but what has no second one or is told to stop before', () => {
    const running = new Set(start);
    const bare = new Map<string, string>();
    for (const step of steps) {
      if (turning.includes(step)) turn(step, running);
      for (const one of start) {
        const unit = one.split(' ')[1] ?? '';
        if (!control.some((host) => running.has(`${host} ${unit}`))) bare.set(unit, step.title);
      }
    }
    expect([...bare.keys()].toSorted()).toEqual([
      'glance-api',
      'heat-engine',
      'nova-conductor',
      'nova-scheduler',
    ]);
  });

  // cinder@master:doc/source/admin/upgrades.rst, after maintenance window.
  it('restart what pins itself at its start once the last of its hosts is new, out of the balancer, its API last', () => {
    const isOfCinder = ({ told }: Step): boolean => told.name?.startsWith('cinder') === true;
    for (const host of ['ctl1', 'ctl2']) {
      const here = steps.filter(({ hosts }) => hosts.includes(host)).filter(isOfCinder);
      const again = here.filter(({ told }) => told.state === 'restarted');
      expect(again.map(({ told }) => told.name)).toEqual([
        'cinder-volume',
        'cinder-scheduler',
        'cinder-api',
      ]);
      const lastStart = steps.findLast((one) => isOfCinder(one) && one.told.state === 'started');
      const [begins, ends] = [steps.indexOf(again[0]!), steps.indexOf(again.at(-1)!)];
      expect(begins).toBeGreaterThan(steps.indexOf(lastStart!));
      const isDoor = ({ title }: Step): boolean =>
        title.endsWith(`server ${host} in HAProxy backend cinder`);
      const doors = (some: readonly Step[]) =>
        some.filter(isDoor).map(({ title }) => title.split(' ')[1]);
      expect([doors(steps.slice(0, begins)).at(-1), doors(steps.slice(ends))[0]]).toEqual([
        'drain',
        'enable',
      ]);
      const shut = steps.slice(
        ends,
        steps.findIndex((one, at) => at > ends && isDoor(one)),
      );
      expect(shut.flatMap(({ title, hosts }) => (hosts.includes(host) ? [title] : []))).toEqual(
        expect.arrayContaining(["Hibiscus: check cinder's API", "Hibiscus: check nova's API"]),
      );
    }
  });
});
