#!/usr/bin/perl
use strict;
use warnings;
use Getopt::Long;
use lib '/usr/share/nova';
use OpenStack;

my $log = '/var/log/nova/nova-manage.log';
my $series = $OpenStack::series;
my $connection = eval { OpenStack::options('/etc/nova/nova.conf')->{database}{connection} };
OpenStack::traceback('nova-manage', $@) if $@;
my $sql = sub { OpenStack::sql($connection, $_[0]) };
my $count = sub { ($sql->($_[0]))[0][0] };

my @tables = qw(instances shadow_instances);
my $null_uuids = sub {
  my ($table) = @_;
  return $count->("SELECT COUNT(*) FROM $table WHERE uuid IS NULL");
};
my $flavors = "FROM instance_system_metadata s JOIN instances i ON i.uuid=s.instance_uuid
  WHERE s.`key`='instance_type_id' AND s.deleted<>s.id AND i.deleted<>i.id";

my %steps = (
  255 => 'ALTER TABLE migrations ADD COLUMN kept tinyint(1)',
  256 => 'ALTER TABLE migrations DROP COLUMN kept',
  # sqlalchemy-migrate stops before it, with 266 stored.
  267 => sub {
    for my $table (@tables) {
      my $records = $null_uuids->($table) or next;
      return "nova.exception.ValidationError: There are $records records in the '$table' table where the uuid or instance_uuid column is NULL. These must be manually cleaned up before the migration will pass. Consider running the 'nova-manage db null_instance_uuid_scan' command.\n";
    }
    $sql->("ALTER TABLE $_ MODIFY uuid varchar(36) NOT NULL") for @tables;
    $sql->('ALTER TABLE instances ADD UNIQUE KEY uniq_instances0uuid (uuid)');
    return;
  },
  269 => 'ALTER TABLE pci_devices ADD COLUMN numa_node int',
  270 => 'ALTER TABLE instance_extra ADD COLUMN flavor text; ALTER TABLE shadow_instance_extra ADD COLUMN flavor text',
  273 => 'CREATE TABLE tags (resource_id varchar(36) NOT NULL, tag varchar(80) NOT NULL, PRIMARY KEY (resource_id, tag)) ENGINE=InnoDB DEFAULT CHARSET=utf8',
  275 => q(ALTER TABLE key_pairs ADD COLUMN type enum('ssh','x509') NOT NULL DEFAULT 'ssh'),
  276 => 'ALTER TABLE instance_extra ADD COLUMN vcpu_model text; ALTER TABLE shadow_instance_extra ADD COLUMN vcpu_model text',
  277 => 'ALTER TABLE fixed_ips ADD INDEX fixed_ips_deleted_allocated_updated_at_idx (deleted, allocated, updated_at)',
  291 => sub {
    my $left = $count->("SELECT COUNT(*) $flavors") or return;
    return "nova.exception.ValidationError: There are still $left unmigrated flavor records. Migration cannot continue until all instance flavor records have been migrated to the new format. Please run `nova-manage db migrate_flavor_data' first.\n";
  },
  292 => 'DROP TABLE IF EXISTS volumes, shadow_volumes, iscsi_targets, shadow_iscsi_targets',
  293 => q(ALTER TABLE migrations ADD COLUMN migration_type enum('migration','resize','live-migration','evacuation'), ADD COLUMN hidden tinyint(1)),
  294 => 'ALTER TABLE services ADD COLUMN last_seen_up datetime',
  297 => 'ALTER TABLE services ADD COLUMN forced_down tinyint(1)',
  299 => 'ALTER TABLE services ADD COLUMN version int',
  300 => 'ALTER TABLE instance_extra ADD COLUMN migration_context text; ALTER TABLE shadow_instance_extra ADD COLUMN migration_context text',
  301 => 'ALTER TABLE compute_nodes ADD COLUMN cpu_allocation_ratio float, ADD COLUMN ram_allocation_ratio float',
);
my %api_steps = (
  1 => 'CREATE TABLE cell_mappings (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid varchar(36) NOT NULL UNIQUE, name varchar(255), transport_url text, database_connection text) ENGINE=InnoDB DEFAULT CHARSET=utf8',
  2 => 'CREATE TABLE instance_mappings (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, instance_uuid varchar(36) NOT NULL UNIQUE, cell_id int, project_id varchar(255) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8',
  3 => 'CREATE TABLE host_mappings (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, cell_id int NOT NULL, host varchar(255) NOT NULL UNIQUE) ENGINE=InnoDB DEFAULT CHARSET=utf8',
);

my %commands = (
  'db version' => sub { print OpenStack::revision($connection, 'nova'), "\n" },
  'db sync' => sub {
    GetOptions('version=i' => \my $wanted) or exit 2;
    OpenStack::migrate($connection, 'nova', $log, \%steps, $wanted);
  },
  'db archive_deleted_rows' => sub {},
);
if ($series ne 'juno') {
  my $api = sub { OpenStack::options('/etc/nova/nova.conf')->{api_database}{connection} };
  $commands{'db null_instance_uuid_scan'} = \&null_instance_uuid_scan;
  $commands{'api_db version'} = sub { print OpenStack::revision($api->(), 'nova_api'), "\n" };
  $commands{'api_db sync'} = sub {
    OpenStack::sql($api->(), q(CREATE TABLE IF NOT EXISTS migrate_version (repository_id varchar(250) NOT NULL PRIMARY KEY, repository_path text, version int) DEFAULT CHARSET=utf8; INSERT IGNORE INTO migrate_version VALUES ('nova_api', '/usr/lib/python2.7/dist-packages/nova/db/sqlalchemy/api_migrations/migrate_repo', 0)));
    OpenStack::migrate($api->(), 'nova_api', $log, \%api_steps);
  };
}
$commands{'db migrate_flavor_data'} = \&migrate_flavor_data if $series eq 'kilo';

sub null_instance_uuid_scan {
  GetOptions('delete' => \my $delete) or exit 2;
  my $found = 0;
  for my $table (@tables) {
    my $records = $null_uuids->($table) or next;
    $found = 1;
    if ($delete) {
      $sql->("DELETE FROM $table WHERE uuid IS NULL");
      print "Deleted $records records from table '$table'.\n";
    } else {
      print "There are $records records in the '$table' table where the uuid or instance_uuid column is NULL. Run this command again with the --delete option after you have backed up any necessary data.\n";
    }
  }
  print "There were no records found where instance_uuid was NULL.\n" unless $found;
}

sub migrate_flavor_data {
  my $is_first = $OpenStack::version =~ /^1:2015\.1\.0-/;
  GetOptions('max-number=i' => \my $most, $is_first ? () : ('force' => \my $force)) or exit 2;
  die "TypeError: migrate_flavor_data() got an unexpected keyword argument 'max-number'\n" if $is_first && defined $most;
  # Without the column there is nothing to write to: a schema before 270.
  $sql->('SELECT flavor FROM instance_extra LIMIT 1');
  my $limit = $most ? "LIMIT $most" : '';
  my @matched = $sql->("SELECT i.uuid, i.vm_state, IFNULL(i.task_state, '') $flavors ORDER BY i.id $limit");
  my @moved = map { $_->[0] } grep { $force || ($_->[2] eq '' && $_->[1] !~ /^(rescued|resized)$/) } @matched;
  if (@moved) {
    my $uuids = join ', ', map { "'$_'" } @moved;
    my $value = sub { qq(MAX(IF(s.`key`='instance_type_$_[0]', s.value, NULL))) };
    my $data = join ', ', map { "'$_', " . $value->($_) } qw(id name flavorid memory_mb vcpus root_gb ephemeral_gb swap rxtx_factor vcpu_weight);
    $sql->("START TRANSACTION;
      UPDATE instance_extra e JOIN (SELECT s.instance_uuid,
        JSON_OBJECT('cur', JSON_OBJECT('nova_object.name', 'Flavor', 'nova_object.version', '1.1', 'nova_object.namespace', 'nova', 'nova_object.data', JSON_OBJECT($data)), 'old', NULL, 'new', NULL) AS flavor
        FROM instance_system_metadata s WHERE s.deleted<>s.id AND s.instance_uuid IN ($uuids) GROUP BY s.instance_uuid) f
        ON f.instance_uuid = e.instance_uuid SET e.flavor = f.flavor, e.updated_at = UTC_TIMESTAMP();
      UPDATE instance_system_metadata SET deleted = id, deleted_at = UTC_TIMESTAMP()
        WHERE deleted <> id AND `key` LIKE 'instance\\_type\\_%' AND instance_uuid IN ($uuids);
      COMMIT");
  }
  my ($total, $done) = (scalar @matched, scalar @moved);
  print $is_first ? '%(total)i instances matched query, %(done)i completed' : "$total instances matched query, $done completed", "\n";
}

my ($category, $action) = (shift @ARGV // '', shift @ARGV // '');
if ("$category $action" eq '--version ') { print $OpenStack::version =~ s/^\d+:|-.*//gr, "\n"; exit 0 }
my $run = $commands{"$category $action"};
unless ($run) {
  my @actions = sort map { /^\Q$category\E (.*)/ ? $1 : () } keys %commands;
  my $choices = join ', ', map { "'$_'" } @actions ? @actions : qw(api_db db);
  my ($program, $given) = @actions ? ("nova-manage $category", $action) : ('nova-manage', $category);
  print STDERR "usage: $program [-h] {", join(',', @actions), "} ...\n$program: error: argument ", @actions ? 'action' : 'category', ": invalid choice: '$given' (choose from $choices)\n";
  exit 2;
}
unless (eval { $run->(); 1 }) {
  print "Command failed, please check log for more info\n";
  OpenStack::logged($log, 'CRITICAL', 'nova', $@ =~ s/\n\z//r);
  OpenStack::traceback('nova-manage', $@);
}
