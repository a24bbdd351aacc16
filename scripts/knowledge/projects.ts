import type { SchemaPlaces } from './schema.ts';

/** A project whose repository is read, and where its databases' migrations stand at any of its tags. */
export interface Project {
  readonly project: string;
  readonly databases: Readonly<Record<string, SchemaPlaces>>;
  /** It tags releases within a cycle that no distribution carries: only the last minor version is the cycle's. */
  readonly tagsWithinCycle?: true;
  /** Not every cycle of it has a tag or a branch of its own at the end: its versions alone say where one ends. */
  readonly versionsAlone?: true;
}

const only = (project: string, places: SchemaPlaces): Project => ({
  project,
  databases: { [project]: places },
});

const novaCell: SchemaPlaces = {
  alembic: ['nova/db/main/migrations/versions'],
  migrate: [
    { folder: 'nova/db/main/legacy_migrations/versions' },
    { folder: 'nova/db/sqlalchemy/migrate_repo/versions' },
  ],
};

export const projects: readonly Project[] = [
  only('aodh', { alembic: ['aodh/storage/sqlalchemy/alembic/versions'], migrate: [] }),
  only('barbican', {
    alembic: ['barbican/model/migration/alembic_migrations/versions'],
    migrate: [],
  }),
  only('cinder', {
    alembic: ['cinder/db/migrations/versions'],
    migrate: [
      { folder: 'cinder/db/legacy_migrations/versions' },
      { folder: 'cinder/db/sqlalchemy/migrate_repo/versions' },
    ],
  }),
  only('designate', {
    alembic: [
      'designate/storage/sqlalchemy/alembic/versions',
      'designate/storage/impl_sqlalchemy/alembic/versions',
    ],
    migrate: [
      { folder: 'designate/storage/sqlalchemy/migrate_repo/versions' },
      { folder: 'designate/storage/impl_sqlalchemy/migrate_repo/versions' },
    ],
  }),
  only('glance', {
    alembic: ['glance/db/sqlalchemy/alembic_migrations/versions'],
    migrate: [{ folder: 'glance/db/sqlalchemy/migrate_repo/versions' }],
  }),
  only('heat', {
    alembic: ['heat/db/migrations/versions'],
    migrate: [{ folder: 'heat/db/sqlalchemy/migrate_repo/versions' }],
  }),
  {
    ...only('ironic', { alembic: ['ironic/db/sqlalchemy/alembic/versions'], migrate: [] }),
    tagsWithinCycle: true,
  },
  only('keystone', {
    runner: 'keystone/common/sql/upgrades.py',
    alembic: ['keystone/common/sql/migrations/versions'],
    migrate: [
      { folder: 'keystone/common/sql/contract_repo/versions', name: 'contract' },
      { folder: 'keystone/common/sql/expand_repo/versions', name: 'expand' },
      { folder: 'keystone/common/sql/data_migration_repo/versions', name: 'migrate' },
      { folder: 'keystone/common/sql/legacy_migrations/contract_repo/versions', name: 'contract' },
      { folder: 'keystone/common/sql/legacy_migrations/expand_repo/versions', name: 'expand' },
      {
        folder: 'keystone/common/sql/legacy_migrations/data_migration_repo/versions',
        name: 'migrate',
      },
      { folder: 'keystone/common/sql/migrate_repo/versions' },
    ],
  }),
  only('magnum', { alembic: ['magnum/db/sqlalchemy/alembic/versions'], migrate: [] }),
  only('manila', { alembic: ['manila/db/migrations/alembic/versions'], migrate: [] }),
  only('neutron', {
    alembic: ['neutron/db/migration/alembic_migrations/versions'],
    migrate: [],
  }),
  {
    project: 'nova',
    databases: {
      nova: novaCell,
      nova_api: {
        alembic: ['nova/db/api/migrations/versions'],
        migrate: [
          { folder: 'nova/db/api/legacy_migrations/versions' },
          { folder: 'nova/db/sqlalchemy/api_migrations/migrate_repo/versions' },
        ],
      },
      nova_cell0: novaCell,
    },
  },
  only('octavia', { alembic: ['octavia/db/migration/alembic_migrations/versions'], migrate: [] }),
  {
    project: 'taskflow',
    versionsAlone: true,
    databases: {
      octavia_persistence: {
        alembic: ['taskflow/persistence/backends/sqlalchemy/alembic/versions'],
        migrate: [],
      },
    },
  },
  only('placement', { alembic: ['placement/db/sqlalchemy/alembic/versions'], migrate: [] }),
];
