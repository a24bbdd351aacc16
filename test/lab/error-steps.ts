/** A step of a runbook for the lab. */
export type Step = Readonly<Record<string, unknown>>;

export const login = '/root/.hopscotch.cnf';
const zedMirror = { uri: 'http://repo.lab/debian', components: ['main'], trusted: true };

export const shell = (id: string, script: string, changes: Step = {}): Step => ({
  id,
  title: `Run ${id}`,
  kind: 'command',
  on: 'ctl1',
  params: { run: ['sh', '-c', script], undo: [] },
  ...changes,
});

export const trixie = (on: string): Step => ({
  id: 'sources',
  title: 'Add apt repository trixie',
  kind: 'repository',
  on,
  params: { name: 'trixie', suite: 'trixie', replaces: [], ...zedMirror },
});

export const install = (on: string, packages: readonly string[], changes: Step = {}): Step => ({
  id: 'install',
  title: `Install ${packages.join(', ')}`,
  kind: 'package',
  on,
  params: { update: true, install: packages, ...changes },
});

export const dump = (...databases: string[]): Step => ({
  id: 'dump',
  title: `Dump ${databases.join(', ')}`,
  kind: 'database-backup',
  on: 'db1',
  params: {
    defaultsFile: login,
    databases,
    directory: '/var/backups/hopscotch',
    label: 'zed',
    scratchPrefix: 'hopscotch_check_',
  },
});

export const sync = (
  database: string,
  run: readonly string[],
  [from, to]: readonly [string[], string[]],
): Step => ({
  id: 'sync',
  title: `Run ${run.join(' ')}`,
  kind: 'schema-sync',
  on: 'ctl1',
  params: {
    defaultsFile: login,
    service: database,
    database,
    run,
    user: database,
    series: 'epoxy',
    from: [from],
    to,
    blocking: [],
    log: `/var/log/${database}/${database === 'nova' ? 'nova-manage' : database}.log`,
  },
});

const keystone = [
  ['29e87d24a316', 'e25ffa003242'],
  ['47147121', 'c88cdce8f248'],
] as const;
export const keystoneHeads: readonly [string[], string[]] = [[...keystone[0]], [...keystone[1]]];

export const restart = (name: string): Step => ({
  id: 'restart',
  title: `Restart ${name}`,
  kind: 'service',
  on: 'ctl1',
  params: { name, state: 'restarted' },
});

export const checkNova: Step = {
  id: 'check',
  title: "Ask nova's upgrade check",
  kind: 'upgrade-check',
  on: 'ctl1',
  params: { service: 'nova', run: ['nova-status', 'upgrade', 'check'], user: 'nova' },
};
