import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { RunEvent } from '../../jobs/run/events.ts';
import { type Plan, planHash } from '../../jobs/run/plan.ts';
import { openRunStore } from '../../jobs/redis/store.ts';
import { junoDifferences, type JunoSnapshot } from '../../sandbox/juno/snapshot.ts';
import type { JunoLab } from '../../sandbox/juno/start.ts';
import type { RunningEngine } from '../support/processes/running.ts';
import type { DrillLab } from './lab.ts';
import { cloudLockKey } from '../../jobs/redis/lock.ts';

/** A cloud in the middle of its path, and the run that led it there. */
export interface FrozenCloud {
  readonly snapshot: JunoSnapshot;
  readonly events: readonly RunEvent[];
}

/** Keeps the cloud and the run as they are now. Nothing may be under way. */
export async function freezeCloud(
  { juno, dir }: DrillLab,
  running: RunningEngine,
  run: string,
): Promise<FrozenCloud> {
  const snapshot = await juno.snapshot();
  // What the database has committed is in its files, but while it runs these change together.
  await on(juno, 'db1', `kill -STOP $(cat ${databasePid})`);
  await juno.hosts.copyDisks(join(dir, 'frozen'));
  await on(juno, 'db1', `kill -CONT $(cat ${databasePid})`);
  return { snapshot, events: await running.store.events(run) };
}

/** Puts the cloud back as it was: its disks, the services that ran, and the states of the load balancer's servers. */
export async function thawCloud({ juno, dir }: DrillLab, { snapshot }: FrozenCloud): Promise<void> {
  await juno.hosts.putBackDisks(join(dir, 'frozen'));
  const services = Object.entries(snapshot)
    .filter(([, state]) => state === 'exit 0')
    .flatMap(([key]) => {
      const [host = '', kind, name = ''] = key.split(' ');
      return kind === 'service' ? [{ host, name }] : [];
    });
  const startOn = async (host: string): Promise<void> => {
    const names = services.filter((one) => one.host === host).map(({ name }) => name);
    const starts = names.map((name) => `/etc/init.d/${name} start`);
    await on(juno, host, ['set -e', ...starts, ':'].join('\n'));
  };
  // The services of the others ask the database.
  await startOn('db1');
  const others = juno.hosts.hosts.map(({ name }) => name).filter((name) => name !== 'db1');
  await Promise.all(others.map(startOn));
  for (const [key, state] of Object.entries(snapshot)) await setServer(juno, key, state);
  const wrong = junoDifferences(snapshot, await juno.snapshot());
  if (wrong.length > 0) throw new Error(`the frozen cloud did not come back:\n${wrong.join('\n')}`);
}

/** Takes away what hosts keep of a step, so that it can be done as for the first time. */
export async function forgetStep({ juno }: Pick<DrillLab, 'juno'>, step: string): Promise<void> {
  const { hosts } = juno.hosts;
  await Promise.all(hosts.map(({ name }) => on(juno, name, `rm -rf /root/.hopscotch/${step}.*`)));
}

/** Puts a run's log back to where it was, as a run of this plan, and lets it hold the cloud. */
export async function putBackLog(
  { connect }: Pick<RunningEngine, 'connect'>,
  { events }: FrozenCloud,
  plan: Plan,
): Promise<void> {
  const aside = connect();
  try {
    await aside.select(1);
    await aside.flushdb();
    const id = await write(aside, events, plan);
    const keys = [
      cloudLockKey(plan.cloud),
      'hopscotch:active',
      ...(await aside.keys(`hopscotch:run:${id}:*`)),
    ];
    const copying = aside.multi();
    for (const key of keys) copying.copy(key, key, 'DB', 0, 'REPLACE');
    await forgetOutputs(connect(), id);
    await copying.exec();
  } finally {
    aside.disconnect();
  }
}

async function write(redis: Redis, events: readonly RunEvent[], plan: Plan): Promise<string> {
  const store = openRunStore(redis);
  const hash = planHash(plan);
  const [first, ...rest] = events;
  if (first?.type !== 'RunRequested') throw new Error('a log that does not begin with a plan');
  await store.create({ ...first, plan, planHash: hash });
  for (const event of rest)
    await store.append(first.run, () =>
      event.type === 'ApprovalGiven' ? { ...event, planHash: hash } : event,
    );
  return first.run;
}

/** What steps printed that, as far as the log knows, have not begun. */
async function forgetOutputs(redis: Redis, run: string): Promise<void> {
  const keys = await redis.keys(`hopscotch:run:${run}:output:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

const databasePid = '/run/mysqld/mysqld.pid';

/** Of `admin state 8, weight 1`: http://docs.haproxy.org/2.6/management.html#9.3-show%20servers%20state */
async function setServer(juno: JunoLab, key: string, value: string): Promise<void> {
  const [host = '', kind, server = ''] = key.split(' ');
  if (kind !== 'haproxy') return;
  const bits = Number(/admin state (\d+)/.exec(value)?.[1]);
  const state = (bits & 1) !== 0 ? 'maint' : (bits & 8) !== 0 ? 'drain' : 'ready';
  if (state === 'ready') return;
  await on(
    juno,
    host,
    `perl -MIO::Socket::UNIX -e 'my $admin = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or die $!; print $admin "set server ${server} state ${state}\\n"; print <$admin>'`,
  );
}

async function on({ hosts }: JunoLab, host: string, script: string): Promise<void> {
  const { code, stdout, stderr } = await hosts.exec(host, script);
  if (code !== 0) throw new Error(`${host}: ${script}: exit ${code}: ${stdout}${stderr}`);
}
