import { expect, it } from '@jest/globals';
import { schemaHeadsOf, type SchemaRevision } from '../../../handlers/databases/schema-revision.ts';

const migrate = (repository: string, revision: string): SchemaRevision => ({
  table: 'migrate_version',
  repository,
  revision,
});
const alembic = (revision: string): SchemaRevision => ({
  table: 'alembic_version',
  repository: '',
  revision,
});

it.each([
  ['the one row there is', [migrate('Glance Migrations', '42')], ['42']],
  [
    "the service's row beside those of its extensions",
    [migrate('endpoint_filter', '2'), migrate('keystone', '75')],
    ['75'],
  ],
  [
    'the three repositories that keystone had beside the one that had ended',
    [
      migrate('keystone', '109'),
      migrate('keystone_expand', '79'),
      migrate('keystone_data_migrate', '79'),
      migrate('keystone_contract', '79'),
    ],
    ['contract:79', 'expand:79', 'migrate:79'],
  ],
  [
    "alembic's rows, whatever the old table says",
    [migrate('keystone', '109'), alembic('e25ffa003242'), alembic('29e87d24a316')],
    ['29e87d24a316', 'e25ffa003242'],
  ],
  [
    'nothing where none of several rows is its own',
    [migrate('a', '1'), migrate('b', '2')],
    undefined,
  ],
] as const)('reads as heads %s', (_what, rows, heads) => {
  expect(schemaHeadsOf(rows, ['keystone', 'keystone'])).toEqual(heads);
});
