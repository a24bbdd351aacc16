/** A step of a runbook for the lab. */
export type LabStep = Readonly<Record<string, unknown>>;

export const labLogin = '/root/.hopscotch.cnf';
const zedMirror = { uri: 'http://repo.lab/debian', components: ['main'], trusted: true };

export const shellStep = (id: string, script: string, changes: LabStep = {}): LabStep => ({
  id,
  title: `Run ${id}`,
  kind: 'command',
  on: 'ctl1',
  params: { run: ['sh', '-c', script], undo: [] },
  ...changes,
});

export const trixieStep = (on: string): LabStep => ({
  id: 'sources',
  title: 'Add apt repository trixie',
  kind: 'repository',
  on,
  params: { name: 'trixie', suite: 'trixie', replaces: [], ...zedMirror },
});

export const installStep = (
  on: string,
  packages: readonly string[],
  changes: LabStep = {},
): LabStep => ({
  id: 'install',
  title: `Install ${packages.join(', ')}`,
  kind: 'package',
  on,
  params: { update: true, install: packages, ...changes },
});

export const dumpStep = (...databases: string[]): LabStep => ({
  id: 'dump',
  title: `Dump ${databases.join(', ')}`,
  kind: 'database-backup',
  on: 'db1',
  params: {
    defaultsFile: labLogin,
    databases,
    directory: '/var/backups/hopscotch',
    label: 'zed',
    scratchPrefix: 'hopscotch_check_',
  },
});

export const syncStep = (
  database: string,
  run: readonly string[],
  [from, to]: readonly [string[], string[]],
): LabStep => ({
  id: 'sync',
  title: `Run ${run.join(' ')}`,
  kind: 'schema-sync',
  on: 'ctl1',
  params: {
    defaultsFile: labLogin,
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

export const restartStep = (name: string): LabStep => ({
  id: 'restart',
  title: `Restart ${name}`,
  kind: 'service',
  on: 'ctl1',
  params: { name, state: 'restarted' },
});

export const checkNova: LabStep = {
  id: 'check',
  title: "Ask nova's upgrade check",
  kind: 'upgrade-check',
  on: 'ctl1',
  params: { service: 'nova', run: ['nova-status', 'upgrade', 'check'], user: 'nova' },
};
