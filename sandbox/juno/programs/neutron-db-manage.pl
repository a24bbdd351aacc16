#!/usr/bin/perl
use strict;
use warnings;
use Getopt::Long;
use lib '/usr/share/neutron';
use OpenStack;

GetOptions('config-file=s' => \my @files) or exit 2;
my $connection;
for my $file (@files ? @files : '/etc/neutron/neutron.conf') {
  -r $file or die "oslo_config.cfg.ConfigFilesNotFoundError: Failed to find some config files: $file\n";
  $connection = OpenStack::options($file)->{database}{connection} // $connection;
}
my ($command, $wanted) = @ARGV;
my @order = ('juno', 'kilo', '34af2b5c5a59 4af11ca47297');
my @known = @order[0 .. { juno => 0, kilo => 1, liberty => 2 }->{$OpenStack::series}];
my %steps = (
  kilo => 'CREATE TABLE subnetpools (id varchar(36) NOT NULL PRIMARY KEY, tenant_id varchar(255), name varchar(255), ip_version int NOT NULL, default_prefixlen int NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8;
    ALTER TABLE subnets ADD COLUMN subnetpool_id varchar(36);
    ALTER TABLE networks ADD COLUMN mtu int',
  '34af2b5c5a59 4af11ca47297' => 'CREATE TABLE address_scopes (id varchar(36) NOT NULL PRIMARY KEY, name varchar(255) NOT NULL, tenant_id varchar(255), shared tinyint(1) NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8;
    ALTER TABLE agents ADD COLUMN `load` int NOT NULL DEFAULT 0',
);
my $ok = eval {
  my $now = OpenStack::revision($connection, 'neutron');
  print STDERR "INFO  [alembic.migration] Context impl MySQLImpl.\nINFO  [alembic.migration] Will assume non-transactional DDL.\n";
  my ($at) = grep { $known[$_] eq $now } 0 .. $#known;
  unless (defined $at) {
    my ($unknown) = split / /, $now;
    print "  FAILED: Can't locate revision identified by '$unknown'\n";
    exit 255;
  }
  if (($command // '') eq 'current') {
    print "Current revision for mysql://neutron:XXXXX\@db1/neutron: $_\n" for split / /, $now;
  } elsif (($command // '') eq 'upgrade' && ($wanted // '') =~ /^heads?$/) {
    for my $next (@known[$at + 1 .. $#known]) {
      print STDERR "INFO  [alembic.migration] Running upgrade $now -> $next\n";
      my $rows = join ', ', map { "('$_')" } split / /, $next;
      OpenStack::sql($connection, "$steps{$next}; DELETE FROM alembic_version; INSERT INTO alembic_version VALUES $rows");
      $now = $next;
    }
  } else {
    print STDERR "usage: neutron-db-manage [-h] [--config-file PATH] {current,history,branches,check_migration,upgrade,downgrade,stamp,revision} ...\n";
    exit 2;
  }
  1;
};
OpenStack::traceback('neutron-db-manage', $@) unless $ok;
