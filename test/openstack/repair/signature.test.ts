import { describe, expect, it } from '@jest/globals';
import { signatureOf } from '../../../openstack/repair/signature.ts';
import { knowledge } from '../known.ts';

// Those of today's releases are tried in signatures.test.ts.
const places = ['nova-flavors-unmigrated', 'not-root'].map((first) =>
  knowledge.signatures.findIndex(({ id }) => id === first),
);
const story = knowledge.signatures.slice(...places);

describe('a known failure', () => {
  it.each([
    [
      'nova-flavors-unmigrated',
      'schema-sync',
      "Command failed, please check log for more info\nThere are still 12 unmigrated flavor records. Migration cannot continue until all instance flavor records have been migrated to the new format. Please run `nova-manage db migrate_flavor_data' first.",
    ],
    [
      'nova-null-uuids',
      'schema-sync',
      "There are 2 records in the 'instances' table where the uuid or instance_uuid column is NULL. These must be manually cleaned up before the migration will pass.",
    ],
    [
      'nova-flavors-in-the-way',
      'schema-sync',
      'syncing the schema of nova (database nova) for Liberty: 7 instances whose flavor is still in instance_system_metadata: the sync would stop partway',
    ],
    [
      'nova-first-kilo',
      'data-migration',
      "TypeError: migrate_flavor_data() got an unexpected keyword argument 'max-number'",
    ],
    [
      'disk-full',
      'database-backup',
      'database-backup: /var/backups/hopscotch has room for 0 MiB, and 2 MiB are needed for 1 MiB of data',
    ],
    ['nova-flavors-left', 'data-migration', '3 instances matched query, 0 completed'],
    [
      'nova-command-gone',
      'data-migration',
      "error: argument action: invalid choice: 'migrate_flavor_data'",
    ],
    ['schema-newer-than-programs', 'schema-sync', 'KeyError: <VerNum(290)>'],
    [
      'schema-newer-than-programs',
      'schema-sync',
      "Can't locate revision identified by '4af11ca47297'",
    ],
    ['schema-half-applied', 'schema-sync', `OperationalError: (1060, "Duplicate column name 'x'")`],
    [
      'schema-half-applied',
      'schema-sync',
      "ERROR 1050 (42S01) at line 9: Table 'cells' already exists",
    ],
    [
      'service-before-sync',
      'check',
      `(1054, "Unknown column 'instance_extra.flavor' in 'field list'")`,
    ],
    [
      'backup-no-binlog',
      'database-backup',
      "mysqldump: Couldn't execute 'SELECT BINLOG_GTID_POS()': You are not using binary logging (1381)",
    ],
    [
      'backup-no-login',
      'database-backup',
      "mysqldump: Got error: 1045: Access denied for user 'root'@'localhost' (using password: NO)",
    ],
    [
      'backup-wrong-database',
      'database-backup',
      "mysqldump: Got error: 1049: Unknown database 'keytone'",
    ],
    ['disk-full', 'database-backup', 'mysqldump: Got errno 28 on write\nNo space left on device'],
    [
      'list-not-written',
      'command',
      'sh: 1: cannot create /etc/apt/sources.list.d/cloudarchive-liberty.list: Permission denied',
    ],
    [
      'packages-mixed',
      'package',
      'The following packages have unmet dependencies:\n nova-common : Depends',
    ],
    [
      'keystone-port-taken',
      'service',
      '(98)Address already in use: AH00072: make_sock: could not bind to address [::]:5000',
    ],
    [
      'token-flush-gone',
      'command',
      "keystone-manage: error: invalid choice: 'token_flush' (choose from",
    ],
    [
      'dashboard-assets-stale',
      'check',
      'style sheet http://127.0.0.1/static/x.css answered with status 404',
    ],
    [
      'subnet-too-wide',
      'check',
      'subnet, network, CIDR, gateway, wrong because:\na1\tn1\t10.0.0.0/8\t10.0.0.1\tcovers 10.9.0.0/24 of subnet b1',
    ],
    [
      'user-name-trap',
      'config-report',
      'Option "username" from group "keystone_authtoken" is deprecated. Use option "user-name" from group "keystone_authtoken".',
    ],
  ])('%s is told by what a %s prints', (id, kind, output) => {
    expect(signatureOf({ kind, output, exit: 1 }, knowledge.signatures)?.id).toBe(id);
  });

  it('is tried by every signature above', () => {
    expect(story).toHaveLength(20);
  });

  it.each([
    ['nova-first-kilo', "TypeError: migrate_flavor_data() got an unexpected keyword argument 'x'"],
    ['nova-command-gone', "error: argument action: invalid choice: 'migrate_flavor_data'"],
  ])('%s is told from rows that are only counted beside it', (id, line) => {
    const count = 'before: 7 instances whose flavor is still in instance_system_metadata';
    const failure = { kind: 'data-migration', output: `${count}\n${line}\n`, exit: 1 };

    expect(signatureOf(failure, knowledge.signatures)?.id).toBe(id);
  });

  it('has an explanation and at least one fix', () => {
    for (const { explanation, waysOut } of knowledge.signatures) {
      expect(explanation.length).toBeGreaterThan(40);
      expect(waysOut.length).toBeGreaterThan(0);
    }
  });

  it('is healed forward where the story restored', () => {
    const found = knowledge.signatures.find(({ id }) => id === 'nova-flavors-unmigrated');

    expect(found?.waysOut[0]).toEqual({
      title: 'Move the flavors with Kilo',
      steps: ['nova-migrate-flavors'],
      after: 'retry',
    });
  });

  it('is not seen in what another kind of step prints', () => {
    const output = 'style sheet /x.css answered with status 404';
    const idIn = (kind: string) => signatureOf({ kind, output }, knowledge.signatures)?.id;
    expect(idIn('check')).toBe('dashboard-assets-stale');
    expect(idIn('service')).toBe('http-error');
  });

  it('asks for its exit codes where it has some', () => {
    const [first] = story;
    const only = first === undefined ? [] : [{ ...first, exits: [2] }];
    const output = 'There are still 1 unmigrated flavor records';

    expect(signatureOf({ kind: 'command', output, exit: 2 }, only)).toBeDefined();
    expect(signatureOf({ kind: 'command', output, exit: 1 }, only)).toBeUndefined();
    expect(signatureOf({ kind: 'command', output }, only)).toBeUndefined();
  });

  it('is none for words that nobody knows', () => {
    expect(
      signatureOf({ kind: 'command', output: 'all is well', exit: 1 }, knowledge.signatures),
    ).toBeUndefined();
  });
});
