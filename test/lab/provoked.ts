import {
  type LabStep,
  checkNova,
  dumpStep,
  installStep,
  keystoneHeads,
  labLogin,
  restartStep,
  shellStep,
  syncStep,
  trixieStep,
} from './error-steps.ts';
import type { RealLab } from './lab.ts';
import type { PartStage } from './part.ts';

/** One real error: what provokes it, how it is met, and that it is not green. */
export interface ProvokedError {
  readonly title: string;
  readonly before?: (lab: RealLab) => Promise<unknown>;
  readonly steps: readonly LabStep[];
  /** The signature's title on the failure card; absent where the step has to be well all the same. */
  readonly signature?: string;
  /** What else the card, or the thread of a run that is well, has to say. */
  readonly says?: RegExp;
  /** What the thread must say where the run is well. */
  readonly after?: (lab: RealLab, stage: PartStage) => Promise<unknown>;
}

/** They build on each other: each leaves the hosts to the next as an operator would who goes on by hand. */
export const provokedErrors: readonly ProvokedError[] = [
  {
    title: 'A check that ends with 1 warns, and that is no failure (17)',
    steps: [checkNova],
    says: /1 Warning/,
  },
  {
    title: 'The repository is down',
    before: (lab) => lab.fault('repo-down'),
    steps: [{ ...trixieStep('ctl1') }],
    signature: 'The repository does not answer',
    after: (lab) => lab.fault('repo-up'),
  },
  {
    title: 'No room for packages',
    before: (lab) => lab.fault('disk-full', 'ctl1', '/var/cache/apt/archives', '1m'),
    steps: [trixieStep('ctl1'), installStep('ctl1', ['nova-api'])],
    says: /enough free space/i,
    signature: 'The disk is full',
    after: (lab) => lab.fault('disk-ok', 'ctl1', '/var/cache/apt/archives'),
  },
  {
    title: 'A prompt about a configuration file, with nobody to answer (1)',
    steps: [
      trixieStep('ctl1'),
      shellStep(
        'install-by-hand',
        'DEBIAN_FRONTEND=noninteractive apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -y install keystone </dev/null',
        {
          timeout: '10m',
        },
      ),
    ],
    signature: 'A package asks which configuration file to keep',
    after: (lab) =>
      lab.sh(
        'ctl1',
        'DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a',
      ),
  },
  {
    title: 'The check that says "up to date" with migrations pending (2)',
    steps: [
      {
        ...shellStep('stop', 'systemctl stop keystone'),
        params: {
          run: ['systemctl', 'stop', 'keystone'],
          undo: [['systemctl', 'start', 'keystone']],
        },
      },
      dumpStep('keystone'),
      syncStep('keystone', ['keystone-manage', 'db_sync', '--check'], keystoneHeads),
    ],
    signature: 'The program says up to date, and the schema is not',
  },
  {
    title: 'A host where a schema is synced has no client of the database',
    before: (lab) => lab.sh('ctl1', 'chmod -x /usr/bin/mariadb'),
    steps: [
      dumpStep('keystone'),
      syncStep('keystone', ['keystone-manage', 'db_sync'], keystoneHeads),
    ],
    signature: 'The host has no client of the database',
    after: (lab) => lab.sh('ctl1', 'chmod +x /usr/bin/mariadb'),
  },
  {
    title: 'The reason is in the log only: the database is read-only (3)',
    before: (lab) => lab.fault('db-ro'),
    steps: [
      dumpStep('keystone'),
      syncStep('keystone', ['keystone-manage', 'db_sync'], keystoneHeads),
    ],
    signature: 'The database server takes no writes',
    says: /1290/,
    after: (lab) => lab.fault('db-rw'),
  },
  {
    title: 'A migration that is half applied (rollback, tried)',
    before: (lab) =>
      lab.exec(
        'db1',
        'mysql',
        'keystone',
        '-e',
        'ALTER TABLE mapping ADD COLUMN schema_version VARCHAR(5)',
      ),
    steps: [
      dumpStep('keystone'),
      syncStep('keystone', ['keystone-manage', 'db_sync'], keystoneHeads),
    ],
    signature: 'A migration that was interrupted is half applied',
    says: /1060/,
    after: async (lab) => {
      await lab.exec(
        'db1',
        'mysql',
        'keystone',
        '-e',
        'ALTER TABLE mapping DROP COLUMN schema_version',
      );
      await lab.sh(
        'ctl1',
        'runuser -u keystone -- keystone-manage db_sync 2>&1; systemctl start keystone',
      );
    },
  },
  {
    title: 'apt ends well, and services that it started are dead (6, 7)',
    steps: [
      trixieStep('ctl1'),
      installStep('ctl1', ['nova-api', 'nova-conductor', 'nova-scheduler', 'placement-api']),
    ],
    signature: 'apt ended well, and a service did not start',
  },
  {
    title: "The new release's check before its schema sync (13)",
    steps: [checkNova],
    signature: "The new release's check was run before its schema sync",
    after: (lab) =>
      lab.sh(
        'ctl1',
        'systemctl stop nova-api nova-conductor nova-scheduler; for c in "api_db sync" "db sync"; do runuser -u nova -- nova-manage $c 2>&1; done; runuser -u placement -- placement-manage db sync 2>&1; systemctl restart placement-api; true',
      ),
  },
  {
    title: 'Computes that are too old (4)',
    steps: [restartStep('nova-conductor')],
    signature: 'nova refuses to start beside computes that are too old',
    after: (lab) =>
      lab.sh(
        'ctl1',
        'crudini --set /etc/nova/nova.conf workarounds disable_compute_service_check_for_ffu true; systemctl restart nova-api nova-conductor nova-scheduler; sleep 20',
      ),
  },
  {
    title: 'A marker row that is never migrated (16)',
    steps: [
      {
        id: 'data',
        title: "Run nova's online data migrations",
        kind: 'data-migration',
        on: 'ctl1',
        params: {
          defaultsFile: labLogin,
          service: 'nova',
          run: ['nova-manage', 'db', 'online_data_migrations'],
          user: 'nova',
          again: [1],
          maxRounds: 20,
          putBack: false,
        },
      },
    ],
  },
  {
    title: 'placement behind the balancer answers 503 (12)',
    before: (lab) => lab.fault('backend', 'placement/ctl1', 'maint'),
    steps: [restartStep('nova-scheduler')],
    signature: 'placement does not answer',
    after: async (lab) => {
      await lab.fault('backend', 'placement/ctl1', 'ready');
      await lab.sh('ctl1', 'sleep 6; systemctl restart nova-scheduler');
    },
  },
  {
    title: 'A server whose hypervisor did not know it when nova asked',
    before: (lab) =>
      lab.exec(
        'db1',
        'mysql',
        '-e',
        "UPDATE nova.instances SET power_state = 0 WHERE hostname = 'vm1'",
      ),
    steps: [
      {
        id: 'drain',
        title: 'Drain cmp1',
        kind: 'compute-drain',
        on: 'ctl1',
        params: { host: 'cmp1', openrc: '/root/openrc', mode: 'live', timeout: 120 },
      },
    ],
    signature: 'Nova does not know that these servers run',
    after: (lab) =>
      lab.sh(
        'ctl1',
        '. /root/openrc; openstack server reboot --hard --wait vm1; openstack compute service set --enable cmp1 nova-compute',
      ),
  },
  {
    title: 'Half-upgraded Python on the compute host (5, 6)',
    steps: [
      trixieStep('cmp1'),
      installStep('cmp1', ['nova-compute'], { running: ['nova-compute'] }),
    ],
    signature: 'A service runs with libraries of two releases',
  },
  {
    title: 'The dashboard breaks when it is upgraded alone (10)',
    steps: [
      installStep('ctl1', ['openstack-dashboard', 'openstack-dashboard-apache'], {
        conffiles: 'keep',
      }),
      restartStep('apache2'),
    ],
    signature: 'Packages are unpacked and not configured',
  },
  {
    title: 'Processes that run replaced files (8)',
    steps: [
      {
        id: 'stale',
        title: 'Look for stale processes',
        kind: 'stale-processes',
        on: 'ctl1',
        params: {
          units: ['glance-api', 'neutron-api', 'neutron-rpc-server', 'nova-api', 'keystone'],
        },
      },
    ],
    signature: 'A service still runs on libraries that were replaced',
  },
];
