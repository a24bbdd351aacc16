import type { RunEvent, Work } from '../../../../jobs/run/events.ts';
import type { Plan, PlanStep } from '../../../../jobs/run/plan.ts';
import * as e from '../../../support/runs/events.ts';

const seconds: Readonly<Record<string, number>> = {
  check: 2,
  stop: 4,
  'upgrade-packages': 90,
  'write-configuration': 1,
  'back-up': 60,
  'sync-schema': 120,
  'migrate-data': 45,
  start: 5,
  enable: 1,
};

/** A hop of four services on three hosts, then twelve computes two at a time. */
export function replayedPlan(cloud: string): Plan {
  const step = (id: string, purpose: string, service: string, hosts: string[]): PlanStep => ({
    ...e.step(id, { hosts, batch: purpose === 'upgrade-packages' ? 2 : hosts.length }),
    purpose: purpose as PlanStep['purpose'] & string,
    service,
    hop: { from: 'yoga', to: 'zed' },
  });
  const services = ['keystone', 'glance', 'nova', 'neutron'];
  const controllers = ['ctl1', 'ctl2', 'ctl3'];
  const of = (service: string, purpose: string, hosts = ['ctl1']): PlanStep =>
    step(`${service}-${purpose}`, purpose, service, hosts);
  const computes = Array.from({ length: 12 }, (_, nth) => `cmp${nth + 1}`);
  const plan = e.planOf(
    ...services.map((service) => of(service, 'check')),
    ...services.map((service) => of(service, 'stop', controllers)),
    ...services.map((service) => of(service, 'upgrade-packages', controllers)),
    ...services.map((service) => of(service, 'write-configuration', controllers)),
    ...services.map((service) => of(service, 'back-up', ['db1'])),
    ...services.flatMap((service) => [of(service, 'sync-schema'), of(service, 'migrate-data')]),
    ...services.map((service) => of(service, 'start', controllers)),
    step('computes-packages', 'upgrade-packages', 'nova', computes),
    step('computes-start', 'start', 'nova', computes),
    ...services.map((service) => of(service, 'enable', ['lb1'])),
  );
  return { ...plan, cloud };
}

/** How much what takes a minute takes more or less: of a whole run, of a step in it, and of a host; as sigma of a logarithm. */
export interface Spread {
  readonly run: number;
  readonly step: number;
  readonly host: number;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Replay {
  readonly run: string;
  /** When it began; ms since the epoch. */
  readonly at: number;
  /** How slow its cloud is beside others. */
  readonly pace: number;
  readonly spread: Spread;
  readonly random: () => number;
}

/**
 * The log of a run in which each step takes about what its purpose takes, one in twenty three times as long, and people let
 * an approval wait for up to an hour.
 */
export function replayedRun(plan: Plan, { run, at, pace, spread, random }: Replay): RunEvent[] {
  const factor = (sigma: number): number =>
    Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  let now = at;
  const events: RunEvent[] = [];
  const say = (event: RunEvent, ms = now): void => {
    events.push({ ...event, at: new Date(Math.round(ms)).toISOString() });
  };
  say({ ...e.requested(plan), run } as RunEvent);
  for (const host of Object.keys(plan.targets)) say(e.hostReady(host));
  const first = plan.steps[0]?.id ?? '';
  say(e.approvalRequested(first));
  now += random() * 3_600_000;
  say(e.gateApproved(first, plan));
  const ofRun = pace * factor(spread.run);
  for (const step of plan.steps) {
    const ofStep = factor(spread.step) * (random() < 0.05 ? 3 : 1);
    for (let from = 0; from < step.hosts.length; from += step.batch) {
      now += 300 * factor(0.3);
      const began = now;
      const turn = step.hosts.slice(from, from + step.batch).map((host): [Work, number] => {
        const ms = 1000 * (seconds[step.purpose ?? ''] ?? 1) * ofRun * ofStep * factor(spread.host);
        return [e.work(step.id, host), began + ms];
      });
      for (const [work] of turn) say(e.started(work), began);
      for (const [work, end] of turn.toSorted(([, a], [, b]) => a - b)) say(e.succeeded(work), end);
      now = Math.max(...turn.map(([, end]) => end));
    }
  }
  say(e.runEnded('succeeded'));
  return events;
}
