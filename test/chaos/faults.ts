import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockMs } from '../../jobs/redis/leases/job-locks.ts';
import type { SlackTrouble } from '../support/slack/fault-proxy.ts';
import type { FaultName } from './cells.ts';
import { livingExecutions, processesOfHost } from './ledger.ts';
import { type ChaosHost, type ChaosParts, type SupervisedPart, killed } from './parts.ts';

export interface FaultPlace {
  readonly parts: ChaosParts;
  readonly host: ChaosHost;
  /** Lets the step end that waits for this fault. */
  readonly release: () => Promise<void>;
  /** From 0 to below 1, the same for the same seed. */
  readonly next: () => number;
  /** Presses a button that was pressed before, as it was then. */
  readonly pressLate: () => Promise<void>;
}

/** How each fault is made, and ended. What it answers resolves once everything is there again. */
export const makeFault: Readonly<Record<FaultName, (place: FaultPlace) => Promise<void>>> = {
  'workers killed': async ({ parts, next }) => {
    for (const worker of some(parts, next)) killed(worker.child(), 'SIGKILL');
  },
  'workers stopped past their locks': async ({ parts, next }) => {
    const pids = some(parts, next).map((worker) => worker.child());
    for (const pid of pids) killed(pid, 'SIGSTOP');
    await sleep(lockMs + 2500);
    for (const pid of pids) killed(pid, 'SIGCONT');
  },
  'supervisor killed': async ({ parts, next }) => {
    const chosen = some(parts, next);
    for (const worker of chosen) killed(worker.supervisor(), 'SIGKILL');
    await sleep(1500);
    for (const worker of chosen) worker.start();
  },
  'bot killed': async ({ parts, next }) => {
    for (const bot of some(parts, next, 'bot')) killed(bot.child(), 'SIGKILL');
  },
  'link cut': async ({ host }) => host.sshd.cut(),
  'link silently dead': async ({ host: { sshd } }) => {
    sshd.proxy.stall();
    await sleep(6000);
    sshd.proxy.resume();
  },
  'sshd restarted': async ({ host: { sshd } }) => {
    await sshd.halt();
    sshd.cut();
    await sleep(2000);
    await sshd.start();
  },
  'host slow': async ({ host: { sshd } }) => {
    for (let times = 0; times < 8; times += 1) {
      sshd.proxy.stall();
      await sleep(400);
      sshd.proxy.resume();
      await sleep(100);
    }
  },
  'host rebooted': (place) => reboot(place.host, async () => {}),
  'host forgot the step': async ({ host: { sshd } }) => {
    const records = join(sshd.home, '.hopscotch');
    for (const { execution } of livingExecutions(sshd.home))
      await rm(join(records, execution), { recursive: true, force: true });
  },
  'host restored': async ({ host }) => {
    const records = join(host.sshd.home, '.hopscotch');
    await reboot(host, async () => {
      const names = await readdir(records).catch(() => []);
      for (const name of names) await rm(join(records, name), { recursive: true, force: true });
      const earlier = snapshotOf(host);
      await cp(earlier, records, { recursive: true, verbatimSymlinks: true }).catch(() => {});
    });
  },
  'host has a full disk': async ({ host: { disk }, release }) => {
    disk?.fill();
    // What it has to say about its end it cannot write.
    await release();
    await sleep(4000);
    disk?.clear();
  },
  'clocks jump': async ({ parts, next }) => {
    const chosen = parts.parts.filter(() => next() < 0.6);
    for (const { clock } of chosen) clock.jumpTo(Math.round((next() - 0.5) * 8 * 3_600_000));
    await sleep(4000);
    for (const { clock } of chosen) clock.jumpTo(0);
  },
  'Redis killed': ({ parts }) => parts.redis.restart(),
  'Redis back in time': ({ parts, next }) =>
    parts.redis.goBack(() => sleep(500 + Math.floor(next() * 1500))),
  'Redis fails over': ({ parts, next }) =>
    parts.redis.failOver(fates[Math.floor(next() * fates.length)] ?? 'killed'),
  'Slack limits': trouble('limited'),
  'Slack fails': trouble('broken'),
  'Slack loses replies': trouble('lost'),
  'Slack drops its sockets': async ({ parts }) => parts.slack.cut(),
  'Slack delivers late': async ({ parts, pressLate }) => {
    // Much longer, and a busy bot takes the socket for dead: then what is held back is dropped with it.
    const late = parts.slack.deliverLate(2500);
    await pressLate();
    await late;
  },
  'Slack delivers twice': async ({ parts, pressLate }) => {
    parts.slack.repeatNext(4);
    await pressLate();
  },
  'late press': ({ pressLate }) => pressLate(),
};

const fates = ['told', 'killed', 'frozen'] as const;

const snapshotOf = ({ ledgerDir }: ChaosHost): string => join(ledgerDir, 'snapshot');

/** Keeps what the product has on a host, for when that is restored. */
export async function takeHostSnapshot(host: ChaosHost): Promise<void> {
  await rm(snapshotOf(host), { recursive: true, force: true });
  const records = join(host.sshd.home, '.hopscotch');
  await cp(records, snapshotOf(host), { recursive: true, verbatimSymlinks: true }).catch(() => {});
}

function trouble(how: SlackTrouble): (place: FaultPlace) => Promise<void> {
  return async ({ parts, next }) => parts.slack.disturb(how, 2 + Math.floor(next() * 3));
}

/** One of them, some or all. */
function some(
  { parts }: ChaosParts,
  next: () => number,
  role: SupervisedPart['role'] = 'worker',
): SupervisedPart[] {
  const all = parts.filter((part) => part.role === role);
  const first = Math.floor(next() * all.length);
  return [...all.slice(first), ...all.slice(0, first)].slice(
    0,
    1 + Math.floor(next() * all.length),
  );
}

/** All that runs on a host ends, its links too; it answers again after a while. */
async function reboot({ sshd }: ChaosHost, meanwhile: () => Promise<void>): Promise<void> {
  await sshd.halt();
  for (const pid of processesOfHost(sshd.home)) killed(pid, 'SIGKILL');
  sshd.cut();
  await meanwhile();
  await sleep(1500);
  await sshd.start();
}
